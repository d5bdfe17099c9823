"""What templates may hold: no script of their own, no viewer in what is broadcast, people's words only made safe."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from jinja2 import nodes

from civicboard.app import RENDERERS, make_pages
from civicboard.board.actions import tell_pages
from civicboard.board.events import AlikeMoved, HelpersChanged, QuestionSuited
from civicboard.board.live import badges_changed
from civicboard.kit.assets import Assets
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.outbox import present, since
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Missing
from civicboard.matching.actions.answering import decline_ask, withdraw_ask
from civicboard.matching.actions.meanings import record_meanings
from civicboard.matching.events import PersonAsked
from civicboard.matching.policy.scoring import Weights
from civicboard.networks.actions import (
    agree_to_convening,
    edit_members_post,
    invite_network,
    look_after,
    put_down,
    renew_convening,
    stay_together,
    step_out,
    write_members_post,
)
from civicboard.networks.queries import waiting_on
from civicboard.notices.actions import mark_read
from civicboard.offers.actions import (
    add_need,
    decline_offer,
    edit_need,
    end_offer,
    lapse_offer,
    make_offer,
    settle_need,
    welcome_offer,
    withdraw_offer,
)
from civicboard.organisations.events import AffiliationChanged
from civicboard.people.actions import update_profile
from civicboard.people.policy import DRAFTS, DRAFTS_OF, is_draft
from civicboard.posts.actions import edit_post, write_post
from civicboard.problems.actions import edit_problem, follow, say_affected
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import say_ability
from tests.cast import Told
from tests.house.doors import World, open_world
from tests.matching.people import a_standing_ask
from tests.organisations.council import council

ROOT = Path(__file__).resolve().parents[2] / "civicboard"
FOLDER = ROOT / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
PARTIALS = [path for path in TEMPLATES if path.name.startswith("_")]
#: The demo's provider is another site, which has no htmx, no session and its own protection.
OURS = [path for path in TEMPLATES if path.parent.name != "demo"]

#: Filters that give HTML, and where each makes it safe. Everything else is escaped.
MAKES_HTML = {"prose", "when", "marked"}


def name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def without_comments(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.S)


def tags(html: str) -> list[str]:
    """Opening tags as they stand in the source, with what Jinja has within them."""
    return re.findall(r"<[a-zA-Z][^<>]*(?:\{[{%].*?[%}]\}[^<>]*)*>", html)


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_nothing_is_inline(path: Path) -> None:
    source = without_comments(path)
    assert not re.search(r"<style\b", source, re.I)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", source, re.I)
    assert not re.search(r"<(iframe|object|embed|base|frame)\b", source, re.I)
    assert not re.search(r"\bjavascript:", source, re.I)
    for tag in tags(source):
        assert not re.search(r"\sstyle\s*=", tag, re.I), tag
        assert not re.search(r"\son[a-z]+\s*=", tag, re.I), tag
        assert not re.search(r"\s(?:data-)?hx-on\b", tag, re.I), tag
        for attribute, value in re.findall(r"\s((?:data-)?hx-[\w:-]+)\s*=\s*\"([^\"]*)\"", tag):
            assert not re.match(r"\s*(js|javascript):", value), tag
            if attribute.endswith("hx-trigger"):
                assert "[" not in value, tag
            assert attribute.removeprefix("data-") not in ("hx-vars", "hx-eval", "hx-ext"), tag


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_autoescaping_is_never_switched_off(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\|\s*safe\b", source)
    assert not re.search(r"autoescape\s+false|Markup", source)
    # An attribute without quotation marks can be left with a space.
    quoted_out = re.sub(r'"[^"]*"|\'[^\']*\'', '""', without_comments(path))
    assert not re.search(r"<[^>]*\s[\w:-]+=\s*\{\{", quoted_out)


@pytest.mark.parametrize("path", PARTIALS, ids=name)
def test_a_partial_says_first_what_it_needs(path: Path) -> None:
    first = path.read_text().splitlines()[0]
    assert re.match(r"\{# (needs: \S|Macros for )", first), first


@pytest.mark.parametrize("path", OURS, ids=name)
def test_every_form_that_does_something_has_its_token(path: Path) -> None:
    """For browsers that send neither Sec-Fetch-Site nor Origin."""
    for form in re.findall(r"<form\b.*?</form>", without_comments(path), re.S):
        opening = re.match(r"<form\b[^>]*>", form)
        assert opening is not None
        if 'method="post"' in opening[0]:
            assert re.search(r"guard\(csrf\)|name=\"csrf\"", form), opening[0]
        else:
            assert re.search(r'method="(get|dialog)"', opening[0]), opening[0]


def test_every_form_that_saves_itself_is_one_whose_draft_is_kept() -> None:
    """And no draft is kept of a form that isn't there."""
    written = {found for path in OURS for found in re.findall(r'data-draft="([^"]+)"', path.read_text())}
    names = {re.sub(r"\{\{.*?\}\}", "7", one) for one in written}
    assert names == {*DRAFTS, *(f"{kind}:7" for kind in DRAFTS_OF)}
    assert all(is_draft(one) for one in names)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_addresses_are_our_own(path: Path) -> None:
    """A form goes to this board; a link leads to a path of it, or to an address that the handler made."""
    pattern = r"\b(action|href|src|hx-(?:get|post|put|patch|delete))=\"((?:\{\{.*?\}\}|[^\"])*)\""
    for attribute, value in re.findall(pattern, path.read_text()):
        local = value.startswith(("/", "#", "{{ asset(", '{{ "/', "{{ newer", "{{ older", "?"))
        written = re.match(r"\{\{ *[\w.]*(path|origin|address|query|url|href|link)\b", value)
        known = value.startswith("https://www.gnu.org/licenses/")
        assert local or written or known, f"{attribute}={value!r}"
        assert not value.startswith("//")


def test_no_filter_makes_html_but_the_known_ones() -> None:
    """People's words reach a page escaped, or through ``prose``: nothing else gives HTML."""
    pages = make_pages_for_reading()
    ours = set(pages.environment.filters) - set(type(pages.environment)().filters)
    assert ours >= MAKES_HTML
    used: set[str] = set()
    for path in TEMPLATES:
        parsed = pages.environment.parse(path.read_text())
        used |= {found.name for found in parsed.find_all(nodes.Filter)}
    for filter_name in sorted(used):
        made = pages.environment.filters[filter_name]
        if filter_name in MAKES_HTML or filter_name not in ours:
            continue
        assert not hasattr(made("<b>"), "__html__"), f"{filter_name} gives HTML: is it safe, and in this list?"
    assert used & {"safe", "tojson", "xmlattr", "forceescape"} == set()


def make_pages_for_reading():  # type: ignore[no-untyped-def]
    from civicboard.settings import Settings

    return make_pages(Settings(environment="test", secret="x" * 40), Assets(ROOT / "static"))


def test_what_makes_html_of_words_makes_them_harmless() -> None:
    pages = make_pages_for_reading()
    bad = '<img src=x onerror=alert(1)><a data-hx-get="/x" hx-on:click="x">y</a>\u0002<script>\u0003'
    for filter_name in ("prose", "marked"):
        made = str(pages.environment.filters[filter_name](bad))
        inner = made.removeprefix('<div class="prose" hx-ignore>').removesuffix("</div>")
        assert "<img" not in inner
        assert "<script" not in inner
        assert not re.search(r"<[^>]*\b(hx-|data-|on\w+=)", inner)
    assert "hx-ignore" in str(pages.environment.filters["prose"]("words"))


async def test_what_is_broadcast_knows_no_viewer(postgres, template, tmp_path) -> None:
    """Every renderer, on the events of every deed, renders under StrictUndefined with nothing but its own context."""
    async with open_world(postgres, template, "world_broadcast", tmp_path) as world:
        happened = await _every_deed(world)
        pages = world.app.state.kit.pages
        base = {"viewer", "csrf", "path", "board_name", "flash", "cursor"}
        rendered = set()
        given = Renderers(RENDERERS, weights=Weights()).given
        async with world.desk.reading() as work:
            for renderer in RENDERERS:
                kinds = {declared.event for declared in renderer.shows}  # type: ignore[attr-defined]
                events = [event for event in happened if type(event) in kinds]
                assert {type(event) for event in events} == kinds, f"no deed here causes all of {renderer.__name__}'s"
                for event in events:
                    try:
                        shown = await renderer(work, event, **given[renderer])
                    except Missing:
                        continue  # what it showed has given way to something newer
                    for fragment in [shown] if isinstance(shown, Fragment) else shown:
                        assert not base & fragment.context.keys(), fragment.template
                        html = pages.render(fragment.template, fragment.context)
                        assert "csrf" not in html
                        assert "canary" not in html
                        assert "<form" not in html, f"{fragment.template}: a form holds its viewer's token"
                        assert fragment.key in html or not fragment.key
                        assert Path(fragment.template).name.startswith("_")
                        rendered.add(fragment.template)
        assert len(rendered) >= 6
        for partial in ("problems/_standing.html", "posts/_composer.html", "people/_session.html"):
            assert partial not in rendered


async def _every_deed(world: World) -> list[object]:
    cast, desk, number = world.cast, world.desk, world.cast.problem
    async with desk.reading() as work:
        before = await present(work.session)
    async with desk.writing(cast.cy) as work:
        await follow(work, number)
        await say_affected(work, number)
        await write_post(work, number, kind="update", capacity="professional", words="It is *measured* now.")
    async with desk.writing(cast.ada) as work:
        said = await write_post(work, number, kind="reply", capacity="neighbour", words="Thank you.")
        await edit_post(work, said, words="Thank you all.", seen_version=1)
        await edit_problem(work, number, Told(tags=("flooding",)), why="A slip", seen_revision=1)
        await set_stage(work, number, to="stuck", why="Nobody has the key to the sluice.")
    for answer in (welcome_offer, decline_offer, None):
        async with desk.writing(cast.bo) as work:
            offer = await make_offer(work, number, what=f"A van {answer}")
        async with desk.writing(cast.ada if answer else cast.bo) as work:
            await (answer(work, offer, words="Well, thank you.") if answer else withdraw_offer(work, offer))
    async with desk.writing() as work:
        await council(work, cast)
    async with desk.writing(cast.ada) as work:
        need = await add_need(work, number, kind="skill", what="Somebody who reads surveys")
        await edit_need(work, need, kind="skill", what="Somebody who reads culvert surveys", hours=2)
    for last in (end_offer, lapse_offer):
        async with desk.writing(cast.bo) as work:
            offer = await make_offer(work, number, what="Reading it", need_id=need, contact="canary 0123")
        async with desk.writing(cast.ada) as work:
            if last is end_offer:
                await welcome_offer(work, offer)
            else:
                work.now += timedelta(days=8)
            await last(work, offer)
    async with desk.writing(cast.ada) as work:
        await settle_need(work, need)
        need = await add_need(work, number, kind="skill", what="Somebody who reads maps")
        asks = [await a_standing_ask(work, need, who.id) for who in (cast.dee, cast.bo, cast.cy)]
        for ask, who in zip(asks, (cast.dee, cast.bo, cast.cy), strict=True):
            work.record(PersonAsked(number, need, ask, who.id))
    async with desk.writing(cast.dee) as work:
        await decline_ask(work, asks[0])
    async with desk.writing(cast.ada) as work:
        await withdraw_ask(work, asks[1])
    async with desk.writing(cast.dee) as work:
        from civicboard.problems.actions import post_problem

        other = (await post_problem(work, Told(title="The lamp is out"))).id
    async with desk.writing(cast.ada) as work:
        said = await write_members_post(work, number, words="The key is *under* the pot.")
        await edit_members_post(work, number, said, words="The key is with me.", seen_version=1)
        await stay_together(work, number, name="The brook crew", about="Pumps and *patience*.")
    async with desk.writing(cast.ada) as work:
        work.now += timedelta(days=2)
        await write_members_post(work, number, words="Was anybody there?")
    async with desk.writing(cast.dee) as work:
        await invite_network(work, other, number, words="Would you *look*?")
    async with desk.writing(cast.cy) as work:
        await look_after(work, number)
        (question,) = await waiting_on(work, number)
        work.viewer = cast.ada
        await agree_to_convening(work, number, question.id)
        work.viewer, work.now = cast.cy, work.now + timedelta(days=1)
        await renew_convening(work, number)
        await put_down(work, number)
    async with desk.writing(cast.cy) as work:
        asked = await write_post(work, number, kind="reply", capacity="neighbour", words="Does it flood, too?")
        await step_out(work, number)
    async with desk.writing(cast.dee) as work:
        await say_ability(work, tags=("flooding",), words="")
        await update_profile(work, name="Dee Novak", about="", place_id=None, shows_presence=True)
    async with desk.writing() as work:
        await tell_pages(work, number)
        await tell_pages(work, number, changed=True)
        work.record(QuestionSuited(cast.dee.id or 0, number, asked))
        work.record(QuestionSuited(cast.dee.id or 0, other, None))
        work.record(AlikeMoved(cast.dee.id or 0, number))
        for kind, thing in (("problem", number), ("post", asked), ("person", cast.dee.id or 0)):
            await record_meanings(work, kind, [thing], read_before=())
        await record_meanings(work, "need", [need], read_before=[need])
        work.record(HelpersChanged(number))
    async with desk.writing(cast.ada) as work:
        await mark_read(work)
    async with desk.reading() as work:
        recorded = [found.event for found in await since(work.session, before)]
        belonging = [event for event in recorded if isinstance(event, AffiliationChanged)]
        return [*recorded, *await badges_changed(work, belonging, [f"problem:{number}"])]
