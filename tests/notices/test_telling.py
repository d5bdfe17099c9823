"""Who is told what: once, never their own act, never across a block, and together with the deed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from civicboard.kit.outbox import present, since
from civicboard.kit.work import Refused
from civicboard.notices.actions import forget_read, mark_read, tell
from civicboard.notices.events import NoticesMarked, PersonTold
from civicboard.notices.models import Notice
from civicboard.notices.policy import KINDS, to_tell
from civicboard.notices.queries import PAGE, count_unread, notices_of
from civicboard.offers.actions import decline_offer, make_offer, welcome_offer
from civicboard.people.models import Block
from tests.cast import a_welcome_offer, an_imported_problem, an_offer


async def told(desk, who):
    """The kinds of what somebody was told, in the order in which it happened."""
    async with desk.reading(who) as work:
        return [notice.kind for notice in reversed((await notices_of(work)).notices)]


async def block(desk, one, other):
    async with desk.writing() as work:
        work.session.add(Block(person_id=one.id, blocked_id=other.id, since=work.now))


async def test_an_offer_is_told_to_the_poster_and_its_answer_to_the_helper(desk, cast):
    welcome = await an_offer(desk, cast.bo, cast.problem)
    refused = await an_offer(desk, cast.bo, cast.problem, "A cake")
    async with desk.writing(cast.ada) as work:
        await welcome_offer(work, welcome)
    async with desk.writing(cast.ada) as work:
        await decline_offer(work, refused, words="We have one, thank you.")
    assert await told(desk, cast.ada) == ["offer_made", "offer_made"]
    assert await told(desk, cast.bo) == ["offer_welcomed", "offer_declined"]
    assert await told(desk, cast.cy) == await told(desk, cast.dee) == []


async def test_who_works_on_it_hears_who_joins_and_once(desk, cast):
    """Not the one who joins, and not the one who let them in; a second offer is no second joining."""
    await a_welcome_offer(desk, cast.bo, cast)
    assert await told(desk, cast.bo) == ["offer_welcomed"]
    await a_welcome_offer(desk, cast.cy, cast, "The plans")
    await a_welcome_offer(desk, cast.cy, cast, "An evening")
    assert await told(desk, cast.bo) == ["offer_welcomed", "joined"]
    assert await told(desk, cast.cy) == ["offer_welcomed", "offer_welcomed"]


async def test_nobody_is_told_of_what_they_let_happen_themselves(desk, cast):
    """Ada welcomed Bo: that he joined is her own act."""
    await a_welcome_offer(desk, cast.bo, cast)
    assert await told(desk, cast.ada) == ["offer_made"]


@pytest.mark.parametrize("blocker", ["ada", "bo"])
async def test_blocked_people_tell_each_other_nothing(desk, cast, blocker):
    one, other = (cast.ada, cast.bo) if blocker == "ada" else (cast.bo, cast.ada)
    await block(desk, one, other)
    await a_welcome_offer(desk, cast.bo, cast)
    assert await told(desk, cast.ada) == await told(desk, cast.bo) == []
    await a_welcome_offer(desk, cast.cy, cast, "The plans")
    assert await told(desk, cast.bo) == ["joined"]


async def test_a_problem_without_a_poster_tells_nobody(desk, cast):
    await an_offer(desk, cast.bo, await an_imported_problem(desk))
    async with desk.reading() as work:
        assert await work.session.scalar(text("SELECT count(*) FROM notices")) == 0


async def test_a_deed_that_fails_tells_nobody(desk, cast):
    async def fail():
        async with desk.writing(cast.bo) as work:
            await make_offer(work, cast.problem, what="A van")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await told(desk, cast.ada) == []


async def test_a_fact_is_told_once_however_often_it_is_said(desk, cast):
    async with desk.reading() as work:
        before = await present(work.session)
    for _ in range(3):
        async with desk.writing() as work:
            await tell(work, "offer_ended", [cast.bo.id, cast.bo.id, None], once="offer:7:ended", by=None, problem_id=7)
    async with desk.reading(cast.bo) as work:
        happened = [found.event for found in await since(work.session, before)]
        (notice,) = (await notices_of(work)).notices
    assert happened == [PersonTold(cast.bo.id, notice.id)]


async def test_only_ids_are_kept(desk, cast):
    """What somebody erases later stands in no notice."""
    await an_offer(desk, cast.bo, cast.problem, "Words that are gone tomorrow")
    async with desk.reading() as work:
        kept = await work.session.scalar(text("SELECT string_agg(n::text, ' ') FROM notices n"))
    assert "Words" not in kept
    assert "Bo" not in kept


async def test_marking_reaches_to_what_was_seen_and_no_further(desk, cast):
    for what in ("A van", "A cake", "A saw"):
        await an_offer(desk, cast.bo, cast.problem, what)
    async with desk.reading(cast.ada) as work:
        newest, middle, _ = (await notices_of(work)).notices
        before = await present(work.session)
    async with desk.writing(cast.ada) as work:
        assert await mark_read(work, until=middle.id) == 2
    async with desk.reading(cast.ada) as work:
        assert [notice.id for notice in (await notices_of(work)).notices if notice.is_unread] == [newest.id]
        assert await count_unread(work, cast.ada.id) == 1
        assert [found.event for found in await since(work.session, before)] == [NoticesMarked(cast.ada.id)]
    # Bo marks his own, which are none.
    async with desk.writing(cast.bo) as work:
        assert await mark_read(work) == 0
    async with desk.reading() as work:
        assert await count_unread(work, cast.ada.id) == 1
    with pytest.raises(Refused):
        async with desk.writing() as work:
            await mark_read(work)


async def test_what_was_read_long_ago_is_forgotten(desk, cast, clock):
    async with desk.writing() as work:
        for n, read_days_ago in enumerate((91, 89, None)):
            read_at = None if read_days_ago is None else work.now - timedelta(days=read_days_ago)
            made_at = work.now - timedelta(days=100)
            work.session.add(Notice(person_id=cast.bo.id, kind="joined", once=f"{n}", made_at=made_at, read_at=read_at))
    for _ in range(2):
        async with desk.writing() as work:
            await forget_read(work)
    async with desk.reading() as work:
        assert set(await work.session.scalars(text("SELECT once FROM notices"))) == {"1", "2"}


async def test_the_list_goes_on_where_a_page_ended(desk, cast):
    async with desk.writing() as work:
        for n in range(PAGE + 5):
            await tell(work, "joined", [cast.bo.id], once=f"{n}", by=None, problem_id=cast.problem)
    async with desk.reading(cast.bo) as work:
        first = await notices_of(work)
        second = await notices_of(work, before=first.older)
    ids = [notice.id for notice in [*first.notices, *second.notices]]
    assert len(first.notices) == PAGE
    assert len(second.notices) == 5
    assert second.older is None
    assert ids == sorted(set(ids), reverse=True)
    async with desk.reading(cast.dee) as work:
        assert (await notices_of(work)).notices == []


async def test_who_marks_or_reads_finds_it_by_an_index(desk, cast):
    async with desk.writing() as work:
        await work.session.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, index in (
            ("SELECT * FROM notices WHERE person_id = 1 AND id < 9 ORDER BY id DESC LIMIT 31", "ix_notices_person_id"),
            ("SELECT count(*) FROM notices WHERE person_id = 1 AND read_at IS NULL", "ix_notices_unread"),
            ("DELETE FROM notices WHERE made_at < now() AND read_at < now()", "ix_notices_made_at"),
        ):
            plan = "\n".join(await work.session.scalars(text(f"EXPLAIN {statement}")))
            assert index in plan, plan


def test_nobody_is_told_of_their_own_act():
    assert to_tell([3, 1, 3, 2], actor_id=1, apart={2}) == [3]
    assert to_tell([1], actor_id=None, apart=set()) == [1]
    assert all(words[0].isupper() for words in KINDS.values())
