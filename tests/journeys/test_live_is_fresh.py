"""Whatever happens, a page that was open meanwhile shows what a page fetched afterwards shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, expect
from sqlalchemy import update

from civicboard.board.jobs import mind_silence, suit
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk, Work
from civicboard.networks.actions import (
    agree_to_convening,
    come_back,
    look_after,
    part_ways,
    put_down,
    stay_together,
    step_out,
)
from civicboard.networks.queries import waiting_on
from civicboard.offers.actions import (
    add_need,
    decline_offer,
    dismiss_need,
    edit_need,
    end_offer,
    lapse_offer,
    make_offer,
    reopen_need,
    settle_need,
    welcome_offer,
    withdraw_offer,
)
from civicboard.organisations.actions import leave
from civicboard.posts.actions import edit_post, write_post
from civicboard.problems import actions as problems
from civicboard.problems.models import Problem
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import say_ability
from tests.cast import Cast, Told
from tests.journeys.conftest import Arriving
from tests.journeys.servers import Served
from tests.organisations.council import SLUG, council

#: All that a page shows, by the id of each piece: without what only glows, and with times as they are and not as they
#: are told. What stands in the order of its time is compared in its order too; notices stay where one reads them.
SHOWN = """() => {
  const pieces = ["[id^=head-]", "[id^=story-]", "#members", "#needs", "#wanted", "#done", "#together", "#convenor",
    "[id^=about-]", "#helping", "#offers > *", "#thread > *", "#notices > *", "#said > *",
    ".empty", ".empty-hint", ".moved-on", "h1"];
  const plain = (element) => {
    const copy = element.cloneNode(true);
    for (const time of copy.querySelectorAll("time")) {
      time.textContent = time.dateTime;
      time.removeAttribute("title");
    }
    for (const one of [copy, ...copy.querySelectorAll("*")]) {
      one.classList.remove("just-moved", "htmx-added", "htmx-settling", "htmx-swapping");
      if (!one.classList.length) one.removeAttribute("class");
      one.removeAttribute("data-htmx-powered");
    }
    return copy.outerHTML.replace(/\\s+/g, " ");
  };
  const shown = { title: document.title };
  for (const one of document.querySelectorAll(pieces)) shown[one.id || one.className || one.localName] = plain(one);
  for (const list of document.querySelectorAll("#offers, #thread, #said"))
    shown[list.id] = [...list.children].map((one) => one.id).join(" ");
  return shown;
}"""

#: The same of the page that the board would give to somebody who asks for it now.
FRESH = f"""async () => {{
  const shown = {SHOWN.replace("()", "(document)", 1)};
  const page = await (await fetch(location.href, {{ cache: "no-store" }})).text();
  return shown(new DOMParser().parseFromString(page, "text/html"));
}}"""

Deed = Callable[[Work], Awaitable[object]]


async def test_open_pages_say_what_fresh_ones_say(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    """Ada reads her problem, Dee has the board and the people of the problem open, and all of it changes."""
    number = gathered.problem
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    dee = await neighbour(board.origin, token=gathered.tokens["dee"])
    people = await dee.context.new_page()
    await ada.go(f"/problems/{number}")
    await dee.go("/")
    await people.goto(f"{board.origin}/problems/{number}/network")
    open_pages = [ada.page, dee.page, people]
    for page in open_pages:
        await expect(page.locator("body[data-connection=open]")).to_be_attached()

    done: dict[str, Any] = {}

    async def do(who: Viewer, what: str, deed: Deed) -> None:
        async with town.writing(who) as work:
            done[what] = await deed(work)
        for at in open_pages:
            wanted = await at.evaluate(FRESH)
            assert await comes_to_show(at, wanted) == wanted, f"{at.url} after {what}"

    cast = gathered
    await do(cast.bo, "following", lambda work: problems.follow(work, number))
    await do(cast.bo, "no longer following", lambda work: problems.stop_following(work, number))
    await do(cast.bo, "affected", lambda work: problems.say_affected(work, number))
    await do(cast.bo, "not affected", lambda work: problems.take_back_affected(work, number))
    await do(cast.bo, "reply", lambda work: say(work, number, "reply", "Since when?"))
    await do(cast.ada, "update", lambda work: say(work, number, "update", "The pump is here."))
    await do(
        cast.bo, "edited reply", lambda work: edit_post(work, done["reply"], words="Since when, then?", seen_version=1)
    )
    await do(cast.cy, "offer", lambda work: make_offer(work, number, what="The drainage plans", hours=2))
    await do(cast.bo, "second offer", lambda work: make_offer(work, number, what="Sandbags"))
    await do(cast.ada, "welcome", lambda work: welcome_offer(work, done["offer"], words="Gladly."))
    await do(cast.ada, "decline", lambda work: decline_offer(work, done["second offer"], words="We have some, thanks."))
    await do(cast.ada, "belonging", lambda work: council(work, cast))
    await do(cast.cy, "leaving", lambda work: leave(work, SLUG))
    await do(cast.ada, "need", lambda work: add_need(work, number, kind="skill", what="Reads culvert surveys"))
    await do(cast.ada, "another need", lambda work: add_need(work, number, kind="room", what="A dry room", hours=3))
    await do(
        cast.bo,
        "offer to it",
        lambda work: make_offer(work, number, what="An evening", need_id=done["need"], limits="No forms"),
    )
    await do(
        cast.ada,
        "edited need",
        lambda work: edit_need(work, done["need"], kind="skill", what="Reads them well", hours=1),
    )
    await do(cast.ada, "welcome to it", lambda work: welcome_offer(work, done["offer to it"]))
    await do(cast.bo, "done", lambda work: end_offer(work, done["offer to it"], hours_given=2))
    await do(cast.ada, "met", lambda work: settle_need(work, done["need"]))
    await do(cast.ada, "no longer", lambda work: dismiss_need(work, done["another need"]))
    await do(cast.ada, "needed again", lambda work: reopen_need(work, done["another need"]))
    await do(cast.bo, "late offer", lambda work: make_offer(work, number, what="A hut", need_id=done["another need"]))
    await do(cast.bo, "silence", lambda work: a_week_later(work, done["late offer"]))
    await do(cast.ada, "stage", lambda work: set_stage(work, number, to="trying", why="The pump runs."))
    other = Told(title="The brook itself is blocked", place="Millbrook", tags=("trees",), help_wanted="a saw")
    await do(cast.ada, "edit", lambda work: problems.edit_problem(work, number, other, why="Seen", seen_revision=1))
    await do(cast.cy, "withdrawal", lambda work: withdraw_offer(work, done["offer"]))
    await do(cast.bo, "professional", lambda work: say(work, number, "reply", "I read plans.", "professional"))
    await do(cast.bo, "third offer", lambda work: make_offer(work, number, what="A pump"))
    await do(cast.ada, "second welcome", lambda work: welcome_offer(work, done["third offer"]))
    await do(cast.bo, "together", lambda work: stay_together(work, number, name="The crew", about="Pumps and maps."))
    await do(cast.bo, "would look after it", lambda work: look_after(work, number))
    await do(cast.ada, "looked after", lambda work: welcome_convenor(work, number))
    await do(cast.dee, "offer to both", lambda work: make_offer(work, number, what="A torch"))
    await do(cast.bo, "welcomed by who looks after it", lambda work: welcome_offer(work, done["offer to both"]))
    await do(cast.bo, "put down", lambda work: put_down(work, number))
    await do(cast.bo, "stepping out", lambda work: step_out(work, number))
    await do(cast.bo, "coming back", lambda work: come_back(work, number))
    await do(cast.ada, "no longer together", lambda work: part_ways(work, number))
    await do(cast.ada, "sorted", lambda work: set_stage(work, number, to="sorted", why="It runs again."))
    await do(cast.ada, "open again", lambda work: set_stage(work, number, to="open", why="It rained."))
    await do(cast.bo, "another problem", lambda work: problems.post_problem(work, Told(title="A lamp is out")))
    for turn in range(6):
        await do(cast.bo, f"reply {turn}", lambda work: say(work, done["another problem"].id, "reply", "Still dark."))
    # And once more with pages that are really opened anew.
    for at in open_pages:
        fresh = await at.context.new_page()
        await fresh.goto(at.url)
        wanted = await fresh.evaluate(SHOWN)
        assert await comes_to_show(at, wanted) == wanted, at.url
    ada.eye.saw_nothing()
    dee.eye.saw_nothing()


async def test_a_notice_that_no_longer_fits_says_so_and_stays(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    async with town.writing(gathered.ada) as work:
        posted = await problems.post_problem(work, Told(title="The weir gate sticks", tags=("weir",)))
    dee = await neighbour(board.origin, token=gathered.tokens["dee"])
    await dee.go("/?stage=open&tag=weir&place=millbrook")
    await dee.live()
    notice = dee.page.locator(f"#problem-{posted.id}")
    moved_on = notice.get_by_text("It has moved on, and is no longer among what you chose.")
    await expect(notice).to_be_visible()
    async with town.writing(gathered.ada) as work:
        await set_stage(work, posted.id, to="trying", why="Somebody oils it.")
    await expect(moved_on).to_be_visible()
    await expect(notice).to_contain_text("Trying something")
    async with town.writing(gathered.ada) as work:
        await set_stage(work, posted.id, to="open", why="It sticks again.")
    await expect(notice).to_contain_text("Open")
    await expect(moved_on).to_have_count(0)
    async with town.writing(gathered.ada) as work:
        told = Told(title="The weir gate sticks", tags=("locks",))
        await problems.edit_problem(work, posted.id, told, why="", seen_revision=1)
    await expect(moved_on).to_be_visible()
    await dee.page.reload()
    await expect(notice).to_have_count(0)
    dee.eye.saw_nothing()


async def test_an_empty_list_stays_empty_until_something_comes(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    dee = await neighbour(board.origin, token=gathered.tokens["dee"])
    await dee.go("/?tag=lanterns")
    await dee.live()
    await dee.watching(1)
    nothing = dee.page.get_by_role("heading", name="Nothing here just now")
    await expect(nothing).to_be_visible()
    async with town.writing(gathered.ada) as work:
        await problems.post_problem(work, Told(title="The lanterns are dark", tags=("lanterns",)))
    await expect(dee.page.locator("#notices")).to_contain_text("The lanterns are dark")
    await expect(nothing).to_have_count(0)
    dee.eye.saw_nothing()


async def test_who_no_longer_wants_to_be_named_is_not(board: Served, gathered: Cast, neighbour: Arriving) -> None:
    """At once, on the pages of others, though one's own page stays open."""
    ada = await neighbour(board.origin, token=gathered.tokens["ada"])
    dee = await neighbour(board.origin, token=gathered.tokens["dee"])
    for one in (ada, dee):
        await one.go(f"/problems/{gathered.problem}")
        await one.live()
    presence = dee.page.locator("#presence")
    await expect(presence).to_contain_text("2 people here now")
    await expect(presence).to_contain_text("Ada Kaur")
    account = await ada.context.new_page()
    await account.goto(f"{board.origin}/account")
    await account.get_by_label("Show my name while I read").uncheck()
    await account.get_by_role("button", name="Save").first.click()
    await expect(presence).not_to_contain_text("Ada Kaur")
    await expect(presence).to_contain_text("2 people here now")
    dee.eye.saw_nothing()


#: The rest of somebody's own page, by the id of each piece, in whatever order: what is new there comes at the end.
REST = SHOWN.replace('"h1"]', '"h1", "#questions > *", "#alike > *", "#nearby > *"]').replace('"#notices > *", ', "")
FRESH_REST = FRESH.replace(SHOWN.replace("()", "(document)", 1), REST.replace("()", "(document)", 1))


async def test_the_rest_of_ones_own_page_is_what_a_fresh_one_has(
    board: Served, town: Desk, gathered: Cast, neighbour: Arriving
) -> None:
    """Dee, whom nothing needs, and Bo, who knows of weirs, have theirs open; the worker is the test's."""
    async with town.writing(gathered.dee) as work:
        await problems.post_problem(work, Told(title="Our weir leaks", tags=("weir",), help_wanted=""))
    async with town.writing(gathered.ada) as work:
        other = (
            await problems.post_problem(work, Told(title="The weir at the mill", tags=("weir",), help_wanted=""))
        ).id
    async with town.writing(gathered.bo) as work:
        await say_ability(work, tags=("weir",), words="")
    dee = await neighbour(board.origin, token=gathered.tokens["dee"])
    bo = await neighbour(board.origin, token=gathered.tokens["bo"])
    for one in (dee, bo):
        await one.go("/for-you")
        await one.live()

    async def do(who: Viewer, deed: Deed) -> Any:
        async with town.writing(who) as work:
            done = await deed(work)
        for errand in work.errands:
            if errand.name == "suit":
                await suit(town, errand.payload)
        return done

    async def are_fresh() -> None:
        for one in (dee, bo):
            wanted = await one.page.evaluate(FRESH_REST)
            assert await comes_to_show(one.page, wanted, REST) == wanted

    asked = await do(gathered.ada, lambda work: say(work, other, "reply", "Who has the key?"))
    question = bo.page.locator(f"#question-{other}-{asked}")
    await expect(question).to_contain_text("You know about weir.")
    await do(gathered.ada, lambda work: set_stage(work, other, to="trying", why="The miller oils it."))
    await expect(dee.page.locator(f"#alike-{other}")).to_contain_text("The miller oils it.")
    await are_fresh()
    new = await do(gathered.cy, lambda work: problems.post_problem(work, Told(title="A bench is gone")))
    await expect(dee.page.locator("#nearby > *").last).to_contain_text("A bench is gone")
    await are_fresh()
    # It is put in other words, and another problem falls silent.
    await do(gathered.ada, lambda work: edit_post(work, asked, words="Who has the iron key?", seen_version=1))
    await expect(question).to_contain_text("Who has the iron key?")
    silent = await do(
        gathered.cy,
        lambda work: problems.post_problem(work, Told(title="The weir hums", tags=("weir",), help_wanted="")),
    )
    async with town.writing() as work:
        begun = work.now - timedelta(hours=49)
        await work.session.execute(update(Problem).where(Problem.id == silent.id).values(posted_at=begun))
    await mind_silence(town)
    await expect(bo.page.locator(f"#question-{silent.id}-0")).to_contain_text("Nobody has said anything yet")
    await are_fresh()
    # What is settled says so, and stays where one reads it.
    await do(gathered.cy, lambda work: set_stage(work, new.id, to="sorted", why="It is back."))
    await expect(dee.page.locator(f"#near-{new.id}")).to_contain_text("Sorted")
    await do(gathered.cy, lambda work: say(work, other, "reply", "The miller."))
    await expect(question).to_contain_text("It no longer waits for an answer.")
    await expect(dee.page.locator(f"#question-{other}-{asked}")).to_have_count(0)
    dee.eye.saw_nothing()
    bo.eye.saw_nothing()


async def welcome_convenor(work: Work, number: int) -> None:
    (question,) = await waiting_on(work, number)
    await agree_to_convening(work, number, question.id)


async def a_week_later(work: Work, offer_id: int) -> None:
    work.now += timedelta(days=8)
    await lapse_offer(work, offer_id)


async def say(work: Work, number: int, kind: str, words: str, capacity: str = "neighbour") -> int:
    return await write_post(work, number, kind=kind, capacity=capacity, words=words)


async def comes_to_show(page: Page, wanted: dict[str, str], pieces: str = SHOWN) -> dict[str, str]:
    """What the page shows once it shows what is wanted; or what it shows after ten seconds."""
    for _ in range(200):
        if (shown := await page.evaluate(pieces)) == wanted:
            return wanted
        await asyncio.sleep(0.05)
    return dict(shown)
