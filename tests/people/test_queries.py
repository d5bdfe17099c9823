"""What is read of people: always their own, and nothing that is over."""

from __future__ import annotations

import pytest

from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Desk, Missing, Refused
from civicboard.people import actions, queries
from civicboard.people.fragments import device, session_lines
from civicboard.people.queries import NewcomerRow, Proof
from civicboard.places.actions import put_place
from tests.conftest import TurnedClock


async def person(desk: Desk, handle: str, *, place_id: int | None = None) -> Viewer:
    """Somebody who has just joined, signed in with the token hash of their handle."""
    proof = Proof("google", "https://accounts.google.com", f"sub-{handle}", label=f"{handle}@example.org")
    async with desk.writing() as work:
        await actions.join(
            work,
            NewcomerRow(proof, "/"),
            browser_hash=f"browser-{handle}",
            name=f"{handle.title()} Kaur",
            handle=handle,
            place_id=place_id,
            token_hash=f"token-{handle}",
            user_agent="",
        )
    async with desk.reading() as work:
        viewer = await queries.find_viewer(work, f"token-{handle}")
    assert viewer is not None
    return viewer


async def test_a_session_finds_its_viewer(desk: Desk) -> None:
    ada = await person(desk, "ada")
    assert (ada.handle, ada.name, ada.is_new) == ("ada", "Ada Kaur", True)
    assert ada.signed_in
    async with desk.reading() as work:
        assert await queries.find_viewer(work, "token-nobody") is None
        assert await queries.find_viewer(work, "") is None


async def test_a_day_later_the_account_is_not_new(desk: Desk, clock: TurnedClock) -> None:
    await person(desk, "ada")
    clock.turn(hours=24)
    async with desk.reading() as work:
        viewer = await queries.find_viewer(work, "token-ada")
    assert viewer is not None
    assert not viewer.is_new


async def test_a_session_is_over_after_sixty_days(desk: Desk, clock: TurnedClock) -> None:
    ada = await person(desk, "ada")
    clock.turn(days=60)
    async with desk.reading(ada) as work:
        assert await queries.find_viewer(work, "token-ada") is None
        assert await queries.own_sessions(work) == []


async def test_an_ended_session_is_nobodys(desk: Desk) -> None:
    ada = await person(desk, "ada")
    async with desk.writing(ada) as work:
        await actions.end_this_session(work)
    async with desk.reading(ada) as work:
        assert await queries.find_viewer(work, "token-ada") is None
        assert await queries.own_sessions(work) == []
        assert await queries.find_signed_in_by(work) is None


async def test_each_person_sees_their_own(desk: Desk) -> None:
    ada, bo = await person(desk, "ada"), await person(desk, "bo")
    async with desk.reading(ada) as work:
        assert (await queries.find_profile(work)).handle == "ada"
        assert [session.id for session in await queries.own_sessions(work)] == [ada.session_id]
        assert [identity.label for identity in await queries.own_identities(work)] == ["ada@example.org"]
        assert ada.session_id is not None
        assert bo.session_id is not None
        assert await queries.find_session(work, ada.session_id) == ada.session_id
        with pytest.raises(Missing):
            await queries.find_session(work, bo.session_id)
    async with desk.reading(NOBODY) as work:
        assert await queries.own_sessions(work) == []
        assert await queries.own_identities(work) == []
        with pytest.raises(Missing):
            await queries.find_profile(work)


async def test_a_profile_names_its_place(desk: Desk) -> None:
    async with desk.writing() as work:
        mill = await put_place(work, slug="mill-lane", name="Mill Lane", kind="street")
    ada = await person(desk, "ada", place_id=mill)
    async with desk.reading(ada) as work:
        assert (await queries.find_profile(work)).place == "mill-lane"


@pytest.mark.parametrize(
    ("wished", "free"),
    [
        ("Bo", "bo"),
        ("Zoë Łęcka", "zoe-lecka"),
        ("ada", "ada-2"),
        ("admin", "admin-2"),
        ("", "neighbour-2"),
        ("李", "neighbour-2"),
        ("x", "neighbour-x"),
        ("n" * 90, "n" * 26),
        ("nobody\0; drop table", "nobody-drop-table"),
    ],
)
async def test_a_free_handle_is_like_the_wish(desk: Desk, wished: str, free: str) -> None:
    await person(desk, "ada")
    async with desk.reading() as work:
        assert await queries.free_handle(work, wished) == free


async def test_a_login_attempt_says_what_is_wrong(desk: Desk, clock: TurnedClock) -> None:
    async with desk.writing() as work:
        await actions.begin_login(
            work,
            state_hash="state",
            browser_hash="mine",
            provider="google",
            nonce="n",
            verifier="v",
            provider_data={},
            next_path="/problems/new",
        )
    for state, browser, provider, words in (
        ("other", "mine", "google", "used already"),
        ("state", "theirs", "google", "another browser"),
        ("state", "", "google", "another browser"),
        ("state", "mine", "github", "another provider"),
    ):
        async with desk.reading() as work:
            with pytest.raises(Refused, match=words):
                await queries.find_login_attempt(work, state_hash=state, browser_hash=browser, provider=provider)
    async with desk.reading() as work:
        found = await queries.find_login_attempt(work, state_hash="state", browser_hash="mine", provider="google")
    assert (found.nonce, found.verifier, found.next) == ("n", "v", "/problems/new")
    clock.turn(minutes=15)
    async with desk.reading() as work:
        with pytest.raises(Refused, match="15 minutes"):
            await queries.find_login_attempt(work, state_hash="state", browser_hash="mine", provider="google")


async def test_a_newcomer_has_an_hour(desk: Desk, clock: TurnedClock) -> None:
    proof = Proof("google", "https://accounts.google.com", "7", name="Ada")
    async with desk.writing() as work:
        await actions.keep_newcomer(work, proof, browser_hash="mine", next_path="/x")
    async with desk.reading() as work:
        assert await queries.find_newcomer(work, "mine") == NewcomerRow(proof, "/x")
        assert await queries.find_newcomer(work, "theirs") is None
    clock.turn(hours=1)
    async with desk.reading() as work:
        assert await queries.find_newcomer(work, "mine") is None


async def test_a_draft_is_its_browsers_alone(desk: Desk) -> None:
    async with desk.writing() as work:
        await actions.keep_draft(work, browser_hash="mine", name="problem", content={"title": "A leak"})
    async with desk.reading() as work:
        assert await queries.find_draft(work, "mine", "problem") == {"title": "A leak"}
        assert await queries.find_draft(work, "theirs", "problem") is None
        assert await queries.find_draft(work, "mine", "reply:7") is None


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
            " Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
            " Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on a Mac",
        ),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_in_words(user_agent: str, words: str) -> None:
    assert device(user_agent) == words


async def test_this_browser_comes_first(desk: Desk) -> None:
    ada = await person(desk, "ada")
    proof = Proof("google", "https://accounts.google.com", "sub-ada")
    async with desk.writing() as work:
        await actions.sign_in(work, proof, token_hash="token-phone", user_agent="Firefox/140 Android")
    async with desk.reading(ada) as work:
        lines = session_lines(await queries.own_sessions(work), ada.session_id)
    assert [(line.device, line.is_this) for line in lines] == [
        ("A browser", True),
        ("Firefox on Android", False),
    ]
