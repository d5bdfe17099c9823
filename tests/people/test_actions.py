"""What people do with accounts, each deed with what it changes and whom it leaves alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text

from civicboard.kit.database import Base
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Conflict, Desk, Missing, Refused, Unfit
from civicboard.people import actions, queries
from civicboard.people.actions.drafts import MOST_DRAFTS
from civicboard.people.jobs import tidy
from civicboard.people.models import (
    Draft,
    Identity,
    LoginAttempt,
    Newcomer,
    Person,
    Session,
    UsedLogoutToken,
)
from civicboard.people.queries import NewcomerRow, Proof
from tests.conftest import TurnedClock

GOOGLE = "https://accounts.google.com"


def proof(subject: str, **more: str) -> Proof:
    return Proof(**{"provider": "google", "issuer": GOOGLE, "subject": subject, "label": subject} | more)


async def join(desk: Desk, handle: str, **changes: Any) -> None:
    given: dict[str, Any] = {
        "browser_hash": f"browser-{handle}",
        "name": handle.title(),
        "handle": handle,
        "place_id": None,
        "token_hash": f"token-{handle}",
        "user_agent": "",
    }
    newcomer = changes.pop("newcomer", NewcomerRow(proof(handle), "/"))
    async with desk.writing(changes.pop("viewer", NOBODY)) as work:
        await actions.join(work, newcomer, **(given | changes))


async def viewer_of(desk: Desk, token_hash: str) -> Viewer | None:
    async with desk.reading() as work:
        return await queries.find_viewer(work, token_hash)


async def person(desk: Desk, handle: str) -> Viewer:
    await join(desk, handle)
    viewer = await viewer_of(desk, f"token-{handle}")
    assert viewer is not None
    return viewer


async def sign_in(desk: Desk, viewer: Viewer, who: Proof, token_hash: str, user_agent: str = "") -> bool:
    async with desk.writing(viewer) as work:
        return await actions.sign_in(work, who, token_hash=token_hash, user_agent=user_agent)


async def ended(desk: Desk) -> list[int]:
    """The sessions whose end was recorded, in order."""
    async with desk.reading() as work:
        rows = await work.session.execute(text("SELECT data FROM events WHERE kind = 'SessionEnded' ORDER BY id"))
        return [row.data["session_id"] for row in rows]


async def count(desk: Desk, table: type[Base]) -> int:
    async with desk.reading() as work:
        return await work.session.scalar(select(func.count()).select_from(table)) or 0


async def test_joining_makes_everything_at_once(desk: Desk) -> None:
    async with desk.writing() as work:
        await actions.keep_newcomer(work, proof("7"), browser_hash="browser-ada", next_path="/")
    await join(desk, "ada")
    ada = await viewer_of(desk, "token-ada")
    assert ada is not None
    assert (ada.handle, ada.name) == ("ada", "Ada")
    assert [await count(desk, table) for table in (Person, Identity, Session, Newcomer)] == [1, 1, 1, 0]


async def test_a_handle_is_one_persons(desk: Desk) -> None:
    await person(desk, "ada")
    with pytest.raises(Unfit, match="ada-2") as unfit:
        await join(desk, "ada", newcomer=NewcomerRow(proof("8"), "/"), token_hash="t2")
    assert unfit.value.field == "handle"
    with pytest.raises(Unfit):
        await join(desk, "moderator")
    assert [await count(desk, table) for table in (Person, Identity, Session)] == [1, 1, 1]


async def test_two_newcomers_want_the_same_handle_at_once(desk: Desk) -> None:
    wishes = [
        join(desk, "ada", newcomer=NewcomerRow(proof(f"{n}"), "/"), token_hash=f"t{n}", browser_hash=f"b{n}")
        for n in range(4)
    ]
    outcomes = await asyncio.gather(*wishes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Unfit", "Unfit", "Unfit"]


async def test_one_identity_makes_one_account(desk: Desk) -> None:
    await person(desk, "ada")
    with pytest.raises(Conflict, match="already"):
        await join(desk, "ada-two", newcomer=NewcomerRow(proof("ada"), "/"))
    assert await count(desk, Person) == 1


async def test_signing_in_is_by_issuer_and_subject_and_never_by_label(desk: Desk) -> None:
    await join(desk, "ada", newcomer=NewcomerRow(proof("7", label="ada@example.org"), "/"))
    assert await sign_in(desk, NOBODY, proof("7", label="renamed@example.org"), "t1")
    assert not await sign_in(desk, NOBODY, proof("8", label="ada@example.org"), "t2")
    assert not await sign_in(desk, NOBODY, proof("7", issuer="https://evil.example"), "t3")
    # The provider's key here may change; who it is doesn't.
    assert await sign_in(desk, NOBODY, proof("7", provider="renamed"), "t4")


async def test_signing_in_again_ends_the_session_that_the_browser_had(desk: Desk) -> None:
    ada = await person(desk, "ada")
    assert await sign_in(desk, ada, proof("ada"), "token-next")
    assert await viewer_of(desk, "token-ada") is None
    assert await viewer_of(desk, "token-next") is not None
    assert await ended(desk) == [ada.session_id]


async def test_a_strangers_sign_in_leaves_the_session_alone(desk: Desk) -> None:
    ada = await person(desk, "ada")
    assert not await sign_in(desk, ada, proof("stranger"), "token-next")
    assert await viewer_of(desk, "token-ada") == ada


async def test_the_user_agent_is_kept_short_and_printable(desk: Desk) -> None:
    ada = await person(desk, "ada")
    await sign_in(desk, NOBODY, proof("ada"), "t2", user_agent="Firefox\x00\x1b\u202e " * 90)
    async with desk.reading(ada) as work:
        kept = (await queries.own_sessions(work))[0].user_agent
    assert len(kept) == 300
    assert kept.isprintable()


async def test_a_login_attempt_works_once(desk: Desk) -> None:
    for state in ("one", "two"):  # two tabs
        async with desk.writing() as work:
            await actions.begin_login(
                work,
                state_hash=state,
                browser_hash="mine",
                provider="google",
                nonce="n",
                verifier=f"v-{state}",
                provider_data={"server": "x"},
                next_path=f"/{state}",
            )

    async def use(state: str, browser: str = "mine") -> LoginAttempt:
        async with desk.writing() as work:
            return await actions.use_login_attempt(work, state_hash=state, browser_hash=browser, provider="google")

    with pytest.raises(Refused):
        await use("two", browser="theirs")
    second = await use("two")
    assert (second.next, second.verifier, second.provider_data) == ("/two", "v-two", {"server": "x"})
    assert (await use("one")).next == "/one"
    with pytest.raises(Refused):
        await use("one")


async def test_a_callback_that_comes_twice_at_once_works_once(desk: Desk) -> None:
    async with desk.writing() as work:
        await actions.begin_login(
            work,
            state_hash="one",
            browser_hash="mine",
            provider="google",
            nonce="n",
            verifier="v",
            provider_data={},
            next_path="/",
        )

    async def use() -> None:
        async with desk.writing() as work:
            await actions.use_login_attempt(work, state_hash="one", browser_hash="mine", provider="google")

    outcomes = await asyncio.gather(*(use() for _ in range(4)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "NoneType",
        "Refused",
        "Refused",
        "Refused",
    ]


async def test_only_a_person_can_begin_to_add_an_identity(desk: Desk) -> None:
    async with desk.writing() as work:
        with pytest.raises(Refused):
            await actions.begin_login(
                work,
                state_hash="one",
                browser_hash="mine",
                provider="google",
                nonce="n",
                verifier="v",
                provider_data={},
                next_path="/",
                link=True,
            )


async def test_an_account_may_hold_several_identities(desk: Desk) -> None:
    ada = await person(desk, "ada")
    assert ada.id is not None
    github = proof("1001", provider="github", issuer="https://github.com")
    for _ in range(2):  # twice changes nothing
        async with desk.writing(ada) as work:
            await actions.add_identity(work, github, begun_by=ada.id)
    async with desk.reading(ada) as work:
        assert [i.provider for i in await queries.own_identities(work)] == ["google", "github"]
    assert await sign_in(desk, NOBODY, github, "by-github")
    by_github = await viewer_of(desk, "by-github")
    assert by_github is not None
    assert by_github.id == ada.id


async def test_an_identity_of_another_person_stays_theirs(desk: Desk) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    assert ada.id is not None
    with pytest.raises(Conflict, match="another account"):
        async with desk.writing(ada) as work:
            await actions.add_identity(work, proof("bo"), begun_by=ada.id)
    async with desk.reading(bo) as work:
        assert len(await queries.own_identities(work)) == 1


@pytest.mark.parametrize("now_signed_in", ["nobody", "bo"])
async def test_an_identity_is_not_added_after_the_person_changed(desk: Desk, now_signed_in: str) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    assert ada.id is not None
    with pytest.raises(Refused):
        async with desk.writing(bo if now_signed_in == "bo" else NOBODY) as work:
            await actions.add_identity(work, proof("new"), begun_by=ada.id)
    assert await count(desk, Identity) == 2


async def test_removing_an_identity_ends_what_came_by_it(desk: Desk) -> None:
    ada = await person(desk, "ada")
    assert ada.id is not None
    await sign_in(desk, NOBODY, proof("ada"), "phone")
    phone = await viewer_of(desk, "phone")
    assert phone is not None
    async with desk.writing(ada) as work:
        await actions.add_identity(work, proof("1001", issuer="https://github.com"), begun_by=ada.id)
    async with desk.reading(ada) as work:
        google, github = await queries.own_identities(work)
    async with desk.writing(ada) as work:
        await actions.remove_identity(work, google.id)
    assert await ended(desk) == [phone.session_id]
    assert await viewer_of(desk, "phone") is None
    assert await viewer_of(desk, "token-ada") == ada, "the browser that asked stays signed in"
    assert not await sign_in(desk, NOBODY, proof("ada"), "again")
    with pytest.raises(Refused, match="only way"):
        async with desk.writing(ada) as work:
            await actions.remove_identity(work, github.id)


async def test_nobody_removes_anothers_identity(desk: Desk) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    async with desk.reading(bo) as work:
        theirs = (await queries.own_identities(work))[0].id
    for who in (ada, NOBODY):
        with pytest.raises(Missing):
            async with desk.writing(who) as work:
                await actions.remove_identity(work, theirs)


async def test_two_removals_at_once_leave_one_way(desk: Desk) -> None:
    ada = await person(desk, "ada")
    assert ada.id is not None
    async with desk.writing(ada) as work:
        await actions.add_identity(work, proof("1001", issuer="https://github.com"), begun_by=ada.id)
    async with desk.reading(ada) as work:
        both = await queries.own_identities(work)

    async def remove(identity_id: int) -> None:
        async with desk.writing(ada) as work:
            await actions.remove_identity(work, identity_id)

    outcomes = await asyncio.gather(*(remove(i.id) for i in both), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]
    assert await count(desk, Identity) == 1


async def test_ending_sessions(desk: Desk) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    others = []
    for token in ("phone", "library", "work"):
        await sign_in(desk, NOBODY, proof("ada", id_token="secret"), token)
        other = await viewer_of(desk, token)
        assert other is not None
        assert other.session_id is not None
        others.append(other.session_id)
    for _ in range(2):  # a second press of the button is no mistake, and tells nobody twice
        async with desk.writing(ada) as work:
            await actions.end_session(work, others[0])
    assert await ended(desk) == others[:1]
    async with desk.writing(ada) as work:
        assert await actions.end_other_sessions(work) == 2
    assert sorted(await ended(desk)) == sorted(others)
    async with desk.writing(ada) as work:
        await actions.end_this_session(work)
    assert await viewer_of(desk, "token-ada") is None
    assert await viewer_of(desk, "token-bo") == bo
    async with desk.reading() as work:
        kept = await work.session.scalars(select(Session.id_token).where(Session.ended_at.is_not(None)))
        assert set(kept) == {""}, "an ended session keeps no secret"


async def test_nobody_ends_anothers_session(desk: Desk) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    assert bo.session_id is not None
    with pytest.raises(Missing):
        async with desk.writing(ada) as work:
            await actions.end_session(work, bo.session_id)
    with pytest.raises(Refused):
        async with desk.writing() as work:
            await actions.end_session(work, bo.session_id)
    with pytest.raises(Refused):
        async with desk.writing() as work:
            await actions.end_other_sessions(work)
    assert await viewer_of(desk, "token-bo") == bo


async def test_a_provider_ends_one_session_by_its_sid_and_all_by_the_subject(desk: Desk) -> None:
    await person(desk, "bo")
    await person(desk, "ada")
    for sid in ("s1", "s2"):
        await sign_in(desk, NOBODY, proof("ada", sid=sid), sid)

    async def told(jti: str, **what: str) -> int:
        async with desk.writing() as work:
            given = {"issuer": GOOGLE, "subject": "", "sid": ""} | what
            return await actions.end_provider_sessions(work, jti=jti, **given)

    assert await told("1", sid="s1") == 1
    assert await viewer_of(desk, "s1") is None
    assert await viewer_of(desk, "s2") is not None
    assert await told("2", sid="s2", subject="bo") == 0, "both must fit"
    assert await told("3", subject="ada", issuer="https://elsewhere.example") == 0
    assert await told("4", subject="ada") == 2
    assert await viewer_of(desk, "token-ada") is None
    assert await viewer_of(desk, "token-bo") is not None
    with pytest.raises(Refused, match="used already"):
        await told("4", subject="bo")
    with pytest.raises(Refused, match="nobody"):
        await told("5")
    assert await viewer_of(desk, "token-bo") is not None
    assert len(await ended(desk)) == 3


async def test_a_session_is_touched_now_and_then(desk: Desk, clock: TurnedClock) -> None:
    ada = await person(desk, "ada")
    assert ada.session_id is not None
    for minutes, writes in ((9, False), (2, True), (1, False), (10, True)):
        clock.turn(minutes=minutes)
        async with desk.writing(ada) as work:
            assert await actions.touch_session(work, ada.session_id, every=timedelta(minutes=10)) is writes


async def test_a_profile_is_changed_by_its_person(desk: Desk) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    async with desk.writing(ada) as work:
        await actions.update_profile(
            work, name="Ada <b>K</b>", about="I know **drains**.", place_id=None, shows_presence=False
        )
    async with desk.reading(ada) as work:
        found = await queries.find_profile(work)
    assert (found.name, found.about, found.shows_presence) == ("Ada <b>K</b>", "I know **drains**.", False)
    async with desk.reading(bo) as work:
        assert (await queries.find_profile(work)).name == "Bo"
    with pytest.raises(Refused):
        async with desk.writing() as work:
            await actions.update_profile(work, name="x", about="", place_id=None, shows_presence=True)


async def test_drafts(desk: Desk) -> None:
    async def keep(browser: str, name: str, **content: str) -> None:
        async with desk.writing() as work:
            await actions.keep_draft(work, browser_hash=browser, name=name, content=content)

    async def found(browser: str, name: str) -> dict[str, str] | None:
        async with desk.reading() as work:
            return await queries.find_draft(work, browser, name)

    await keep("mine", "problem", title="A", story="B")
    await keep("mine", "problem", title="Å leak \ud800\0here")
    await keep("mine", "reply:7", body="x")
    await keep("theirs", "problem", title="T")
    assert await found("mine", "problem") == {"title": "Å leak ?here"}
    async with desk.writing() as work:
        await actions.drop_draft(work, browser_hash="mine", name="problem")
    assert await found("mine", "problem") is None
    assert await found("mine", "reply:7") == {"body": "x"}
    async with desk.writing() as work:
        await actions.drop_drafts(work, browser_hash="mine")
    assert await found("mine", "reply:7") is None
    assert await found("theirs", "problem") == {"title": "T"}


async def test_the_newest_drafts_of_a_browser_are_kept(desk: Desk, clock: TurnedClock) -> None:
    names = [f"reply:{number}" for number in range(1, MOST_DRAFTS + 4)]
    for browser in ("theirs", "mine"):
        for name in [*names, names[3]]:
            clock.turn(seconds=1)
            async with desk.writing() as work:
                await actions.keep_draft(work, browser_hash=browser, name=name, content={"words": name})
    async with desk.reading() as work:
        kept = [[name for name in names if await queries.find_draft(work, who, name)] for who in ("mine", "theirs")]
    assert kept == [names[3:], names[3:]]


async def test_a_mastodon_registration_takes_the_place_of_the_older_one(desk: Desk) -> None:
    for n in ("1", "2"):
        async with desk.writing() as work:
            await actions.remember_app(
                work, server="https://social.example", client_id=f"id{n}", client_secret=f"secret{n}"
            )
    async with desk.reading() as work:
        app = await queries.find_remembered_app(work, "https://social.example")
        assert app is not None
        assert (app.client_id, app.client_secret) == ("id2", "secret2")
        assert await queries.find_remembered_app(work, "https://other.example") is None


async def test_tidying_forgets_what_is_old_and_nothing_else(desk: Desk, clock: TurnedClock) -> None:
    start = clock.now

    def at(**since: float) -> None:
        clock.now = start + timedelta(**since)

    await person(desk, "ada")
    await sign_in(desk, NOBODY, proof("ada"), "phone", user_agent="Firefox")
    async with desk.writing() as work:
        await actions.begin_login(
            work,
            state_hash="one",
            browser_hash="mine",
            provider="google",
            nonce="n",
            verifier="v",
            provider_data={},
            next_path="/",
        )
        await actions.keep_newcomer(work, proof("new"), browser_hash="mine", next_path="/")
        await actions.keep_draft(work, browser_hash="mine", name="problem", content={"title": "A"})
        await actions.end_provider_sessions(work, issuer=GOOGLE, subject="nobody", sid="", jti="1")

    async def left() -> list[int]:
        await tidy(desk)
        return [await count(desk, table) for table in (LoginAttempt, Newcomer, UsedLogoutToken, Draft, Session)]

    at(minutes=59)
    assert await left() == [1, 1, 1, 1, 2]
    at(minutes=61)
    assert await left() == [0, 1, 1, 1, 2]
    at(hours=25)
    assert await left() == [0, 0, 0, 1, 2]
    phone = await viewer_of(desk, "phone")
    assert phone is not None
    async with desk.writing(phone) as work:
        await actions.end_this_session(work)
    at(days=30, hours=1)
    assert await left() == [0, 0, 0, 1, 2]
    async with desk.reading() as work:
        assert set(await work.session.scalars(select(Session.user_agent))) == {""}
    at(days=31, hours=2)
    assert await left() == [0, 0, 0, 1, 1]
    at(days=91)
    assert await left() == [0, 0, 0, 0, 0]
    assert await count(desk, Person) == 1
