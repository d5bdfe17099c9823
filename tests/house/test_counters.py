"""Counts that stand in a row equal what can be counted, whatever people did and in whichever order."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from civicboard.kit.work import Conflict, Missing, Refused, Unfit, Work
from civicboard.networks.actions import come_back, step_out
from civicboard.offers.actions import (
    add_need,
    decline_offer,
    dismiss_need,
    edit_need,
    end_offer,
    make_offer,
    reopen_need,
    settle_need,
    welcome_offer,
    withdraw_offer,
)
from civicboard.posts.actions import write_post
from civicboard.problems.actions import (
    follow,
    post_problem,
    say_affected,
    stop_following,
    take_back_affected,
)
from civicboard.progress.actions import set_stage
from tests.cast import Told
from tests.house.doors import World

PEOPLE = ("ada", "bo", "cy", "dee")
DEEDS = (
    "affected",
    "unaffected",
    "follow",
    "unfollow",
    "reply",
    "update",
    "offer",
    "welcome",
    "decline",
    "withdraw",
    "need",
    "edit need",
    "offer to need",
    "settle",
    "dismiss",
    "reopen",
    "end",
    "step out",
    "come back",
    "stage",
)

_COUNTED = text(
    """
    SELECT p.affected_count = (SELECT count(*) FROM affected a WHERE a.problem_id = p.id) AS affected,
        p.follower_count = (SELECT count(*) FROM follows f WHERE f.problem_id = p.id) AS followers,
        p.post_count = (SELECT count(*) FROM posts o WHERE o.problem_id = p.id) AS posts,
        p.offer_count = (SELECT count(*) FROM offers o WHERE o.problem_id = p.id AND state IN ('waiting', 'welcomed'))
            AS offers,
        p.need_count = (SELECT count(*) FROM needs n WHERE n.problem_id = p.id AND state = 'open') AS needs,
        (SELECT array_agg(k ORDER BY k) FROM unnest(p.need_kinds) k) IS NOT DISTINCT FROM
            (SELECT array_agg(DISTINCT kind ORDER BY kind) FROM needs n WHERE n.problem_id = p.id AND state = 'open')
            AS kinds,
        p.need_words = ARRAY(SELECT what FROM needs n WHERE n.problem_id = p.id AND state = 'open'
            ORDER BY id LIMIT 6) AS words,
        NOT EXISTS (SELECT FROM needs n WHERE n.problem_id = p.id AND n.offer_count <> (SELECT count(*) FROM offers o
            WHERE o.need_id = n.id AND state IN ('waiting', 'welcomed'))) AS offers_to_needs,
        NOT EXISTS (SELECT FROM needs n WHERE n.problem_id = p.id AND n.state = 'open' AND EXISTS (SELECT FROM offers o
            WHERE o.need_id = n.id AND o.state = 'welcomed')) AS met,
        p.member_count = (SELECT count(*) FROM members m
            WHERE m.problem_id = p.id AND m.person_id IS DISTINCT FROM p.poster_id AND m.left_at IS NULL) AS members,
        p.revision_count = (SELECT count(*) FROM problem_revisions r WHERE r.problem_id = p.id) AS revisions,
        p.stage = coalesce((SELECT to_stage FROM stage_changes s
            WHERE s.problem_id = p.id ORDER BY id DESC LIMIT 1), 'open') AS stage
    FROM problems p WHERE p.id = :id
    """
)

deeds = st.lists(st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE), st.integers(0, 3)), min_size=1, max_size=25)


async def do(work: Work, deed: str, number: int, offer: int, need: int, nth: int) -> int | None:
    """Do one deed. Returns the id of the offer or the need that it made, if it made one."""
    match deed:
        case "affected":
            await say_affected(work, number)
        case "unaffected":
            await take_back_affected(work, number)
        case "follow":
            await follow(work, number)
        case "unfollow":
            await stop_following(work, number)
        case "reply" | "update":
            await write_post(work, number, kind=deed, capacity="neighbour", words="Words")
        case "offer":
            return await make_offer(work, number, what=f"A thing {nth}")
        case "welcome":
            await welcome_offer(work, offer)
        case "decline":
            await decline_offer(work, offer, words="Not now, thank you.")
        case "withdraw":
            await withdraw_offer(work, offer)
        case "need":
            kind = ("skill", "thing", "room", "introduction")[nth]
            return await add_need(work, number, kind=kind, what=f"A thing {nth}")
        case "edit need":
            await edit_need(work, need, kind="room", what=f"Another thing {nth}")
        case "offer to need":
            return await make_offer(work, number, what=f"A thing for it {nth}", need_id=need)
        case "settle":
            await settle_need(work, need)
        case "dismiss":
            await dismiss_need(work, need)
        case "reopen":
            await reopen_need(work, need)
        case "end":
            await end_offer(work, offer, hours_given=nth)
        case "step out":
            await step_out(work, number)
        case "come back":
            await come_back(work, number)
        case "stage":
            to = ("open", "exploring", "sorted", "stuck")[nth]
            await set_stage(work, number, to=to, why="Because it is so, at the moment.")
    return None


def of(made: list[int], nth: int) -> int:
    return made[nth % len(made)] if made else 0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(done=deeds)
async def test_counts_equal_recomputation(world: World, done: list[tuple[str, str, int]]) -> None:
    async with world.desk.writing(world.cast.ada) as work:
        number = (await post_problem(work, Told())).id
    offers: list[int] = []
    needs: list[int] = []
    for deed, role, nth in done:
        if deed in ("welcome", "decline", "withdraw", "end") and not offers:
            continue
        if deed in ("edit need", "offer to need", "settle", "dismiss", "reopen") and not needs:
            continue
        try:
            async with world.desk.writing(world.viewer(role)) as work:
                made = await do(work, deed, number, of(offers, nth), of(needs, nth), nth)
        except (Refused, Conflict, Missing, Unfit):
            continue  # whoever may not, or comes too late, changes nothing
        if made:
            (needs if deed == "need" else offers).append(made)
    async with world.desk.reading() as work:
        counted = dict((await work.session.execute(_COUNTED, {"id": number})).mappings().one())
    wrong = [name for name, equal in counted.items() if not equal]
    assert not wrong, f"after {done}"
