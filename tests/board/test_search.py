"""The search: by words and by meaning, of every kind, narrowed, while one types, and with no model at all."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from civicboard.app import Board
from civicboard.board.queries import Search, prepared, search_people, search_problems
from civicboard.kit.meaning import Understanding
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.matching.jobs.meanings import index_missing
from civicboard.offers.actions.keeping import keep_needs
from civicboard.offers.models import Need
from civicboard.people.models import Block
from civicboard.posts.actions import write_post
from civicboard.problems.actions import post_problem
from civicboard.problems.models import Problem
from civicboard.progress.actions import set_stage
from civicboard.settings import Settings
from civicboard.skills.models import Ability, Skill
from tests.cast import Cast, Told
from tests.conftest import client_for, running
from tests.meaning import FewIdeas, meaning_of

FLOOD = "Basements on Brook Lane flood"


@pytest_asyncio.fixture
async def meant(app: Board, desk: Desk, cast: Cast) -> AsyncIterator[FewIdeas]:
    """A board with one of each kind, whose search knows what things mean."""
    ideas = app.state.kit.parts[Understanding] = FewIdeas()
    async with desk.writing(cast.bo) as work:
        await post_problem(
            work, Told(title="The 14 never comes", story="Two drivers are ill, they say.", tags=("buses",))
        )
        report = await post_problem(work, Told(title="Nobody can read the report", story="It came last week."))
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="Ours is wet after every rain")
        work.session.add_all(
            [
                Need(
                    problem_id=report.id,
                    by_id=cast.ada.id,
                    kind="skill",
                    what="Read a culvert survey",
                    added_at=work.now,
                ),
                Ability(
                    person_id=cast.bo.id or 0,
                    tags=["drainage"],
                    words="Twenty years on brooks and culverts",
                    visibility="public",
                ),
                Ability(person_id=cast.cy.id or 0, words="I know water law", visibility="signed_in"),
                Ability(person_id=cast.dee.id or 0, words="I have dug drains", visibility="matching"),
            ]
        )
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="sorted", why="A new culvert, paid by the ward, took the water away.")
    await index_missing(desk, ideas)
    yield ideas


async def found(client: httpx2.AsyncClient, words: str, **more: str) -> str:
    answer = await client.get("/search", params={"q": words, **more})
    assert answer.status_code == 200
    return answer.text


async def test_what_means_the_same_is_found_and_says_so(client: httpx2.AsyncClient, meant: FewIdeas) -> None:
    page = await found(client, "cellars")
    assert FLOOD in page
    assert "The 14 never comes" not in page
    assert "close in meaning" in page
    assert "has the word" not in page
    assert 'id="by-words"' not in page


async def test_a_shared_word_is_marked_and_named(client: httpx2.AsyncClient, meant: FewIdeas) -> None:
    page = await found(client, "culverts")
    assert "Why: has the word <mark>culverts</mark>" in page
    assert "<mark>culverts</mark>" in page.split('id="found-person"')[1], "the headline marks it too"


async def test_every_kind_is_found_with_its_count(client: httpx2.AsyncClient, meant: FewIdeas) -> None:
    page = await found(client, "flooded cellar")
    said = re.search(r'data-said="([^"]+)"', page)
    assert said is not None
    assert html.unescape(said[1]) == "2 problems, 1 ending, 1 open need, 1 person for “flooded cellar”."
    for kind in ("problem", "outcome", "need", "person"):
        assert f'id="found-{kind}"' in page, kind
    assert "A new culvert, paid by the ward" in page
    assert "Sorted" in page.split('id="found-outcome"')[1]
    only = await found(client, "flooded cellar", kind="person")
    assert 'id="found-person"' in only
    assert 'id="found-problem"' not in only
    assert "Problems <small>2</small>" in only, "the others are still counted"


async def test_people_are_found_by_what_they_agreed_to_show(
    client: httpx2.AsyncClient, dee_client: httpx2.AsyncClient, meant: FewIdeas
) -> None:
    stranger = (await found(client, "water drains", kind="person")).split('id="found-person"')[1]
    assert "Bo" in stranger
    assert " law" not in stranger
    assert "dug" not in stranger
    neighbour = (await found(dee_client, "water drains", kind="person")).split('id="found-person"')[1]
    assert " law" in neighbour
    assert "dug" in neighbour, "one's own words one may see"


async def test_not_by_name_either(client: httpx2.AsyncClient, cast: Cast, meant: FewIdeas) -> None:
    assert "has the words <mark>Bo</mark>" in await found(client, cast.bo.name, kind="person")
    assert 'id="found-person"' not in await found(client, cast.dee.name, kind="person")


@pytest.mark.parametrize("who", ["bo", "dee"])
async def test_blocked_people_are_never_shown_to_each_other(desk: Desk, cast: Cast, meant: FewIdeas, who: str) -> None:
    """Whichever of them blocked the other, by words, by name and by meaning."""
    by, blocked = (cast.bo, cast.dee) if who == "bo" else (cast.dee, cast.bo)
    wanted = [
        Search(words=words, vector=meaning_of(words), model="few-ideas")
        for words in ("culverts", cast.bo.name, "water")
    ]
    viewer = Viewer(id=cast.dee.id, handle="dee", name="Dee")
    for search in wanted:
        async with desk.reading(viewer) as work:
            assert cast.bo.id in {one.id for one in await search_people(work, search)}
    async with desk.writing() as work:
        work.session.add(Block(person_id=by.id or 0, blocked_id=blocked.id or 0, since=work.now))
    for search in wanted:
        async with desk.reading(viewer) as work:
            assert cast.bo.id not in {one.id for one in await search_people(work, search)}
        async with desk.reading() as work:
            assert cast.bo.id in {one.id for one in await search_people(work, search)}, "others see them still"


async def titles(desk: Desk, words: str, *, meaning: bool = False) -> list[str]:
    meant = {"vector": meaning_of(words), "model": "few-ideas", "least": 0.2} if meaning else {}
    async with desk.reading() as work:
        return [one.card.problem.title for one in await search_problems(work, Search(words=words, **meant))]  # type: ignore[arg-type]


@pytest_asyncio.fixture
async def streets(desk: Desk, cast: Cast) -> None:
    async with desk.writing(cast.bo) as work:
        for title in ("Bench by the pond", "Pond smells", "Bench painted, pond fenced", "Lamp out"):
            await post_problem(work, Told(title=title, story="As it says.", tags=(), help_wanted="", place=""))


async def test_any_word_is_enough_and_all_words_come_first(desk: Desk, streets: None) -> None:
    assert (await titles(desk, "bench smells"))[:3] != []
    assert set(await titles(desk, "painted zeppelin")) == {"Bench painted, pond fenced"}
    both = await titles(desk, "pond bench")
    assert set(both) == {"Bench by the pond", "Bench painted, pond fenced", "Pond smells"}
    assert both[-1] == "Pond smells"


async def test_quotes_and_a_minus_mean_just_that(desk: Desk, streets: None) -> None:
    assert await titles(desk, '"pond smells"') == ["Pond smells"]
    assert await titles(desk, '"smells pond"') == []
    assert await titles(desk, "“pond smells”") == ["Pond smells"], "as phones type them"
    assert await titles(desk, "“smells pond”") == []
    assert await titles(desk, "bench -painted") == ["Bench by the pond"]
    assert set(await titles(desk, "lamp or smells")) == {"Lamp out", "Pond smells"}


async def test_exact_words_are_not_widened_by_meaning(desk: Desk, client: httpx2.AsyncClient, meant: FewIdeas) -> None:
    meant.asked.clear()
    page = await found(client, '"cellars"')
    assert FLOOD not in page
    assert "Exactly as you put it" in page
    assert meant.asked == []
    assert "Nothing found for “cellars”." in await found(client, "“cellars”"), "not quoted twice"


async def test_the_words_themselves_lift_what_means_as_much(desk: Desk, cast: Cast, meant: FewIdeas) -> None:
    async with desk.writing(cast.bo) as work:
        await post_problem(work, Told(title="A basement in Mill Row", story="Wet", tags=(), help_wanted="", place=""))
    await index_missing(desk, meant)
    assert (await titles(desk, "basement mill row", meaning=True))[0] == "A basement in Mill Row"


async def test_without_a_model_the_page_says_by_words_only(app: Board, client: httpx2.AsyncClient, cast: Cast) -> None:
    page = await found(client, "flooded cellar")
    assert FLOOD in page
    assert "By words only" in page
    away = app.state.kit.parts[Understanding] = FewIdeas()
    away.away = True
    page = await found(client, "flooded cellar")
    assert "By words only" in page
    assert FLOOD in page


async def test_opening_the_search_wakes_the_model(client: httpx2.AsyncClient, meant: FewIdeas) -> None:
    meant.asked.clear()
    assert (await client.get("/search")).status_code == 200
    assert meant.asked == ["wake"]


async def test_what_is_no_word_finds_nothing_and_is_told_so(
    client: httpx2.AsyncClient, desk: Desk, cast: Cast, meant: FewIdeas
) -> None:
    """Something is always nearest: a word that nobody has written must be surely alike, not only somewhat."""
    somewhat = [0.0] * 384
    somewhat[0], somewhat[300] = 0.25, 0.97  # as near to floods as MiniLM finds "zzzqqq" near to anything
    meant.answers |= {"zzzqqq": somewhat, "lane zzzqqq": somewhat}
    page = await found(client, "zzzqqq")
    assert "Nothing found for “zzzqqq”." in page
    assert FLOOD not in page
    assert "Perhaps nobody has posted it yet" in page
    assert FLOOD in await found(client, "lane zzzqqq"), "beside a word that is one, what is somewhat alike is shown"
    assert FLOOD in await found(client, "cellars"), "and a word that nobody has written, if it is surely alike"


async def test_a_word_of_the_vocabulary_is_a_word(desk: Desk, cast: Cast, meant: FewIdeas) -> None:
    from civicboard.board.queries import prepared

    wanted = Search(words="vermin", vector=meaning_of("vermin"), model="few-ideas", least=0.2, sure=0.3)
    async with desk.reading() as work:
        assert (await prepared(work, wanted)).least == 0.3
    async with desk.writing() as work:
        work.session.add(Skill(tag="pest advice", synonyms=["vermin"]))
    async with desk.reading() as work:
        assert (await prepared(work, wanted)).least == 0.2


async def test_what_somebody_keeps_for_matching_makes_no_word_known(desk: Desk, cast: Cast, meant: FewIdeas) -> None:
    for words, least in (("dug", 0.3), ("brooks", 0.2), ("law", 0.3)):
        wanted = Search(words=words, vector=meaning_of(words), model="few-ideas", least=0.2, sure=0.3)
        async with desk.reading() as work:
            assert (await prepared(work, wanted)).least == least, words


@pytest_asyncio.fixture
async def lamps(desk: Desk, cast: Cast) -> None:
    """Many with a common word, and older ones with a rare word in title or story."""
    async with desk.writing(cast.bo) as work:
        await post_problem(work, Told(title="Fireworks at midnight", story="Bang.", tags=(), help_wanted="", place=""))
        await post_problem(
            work, Told(title="Noise", story="A zeppelin hums over the lamp.", tags=(), help_wanted="", place="")
        )
        for number in range(45):
            told = Told(title=f"Lamp {number} is out", story="Dark.", tags=(), help_wanted="", place="")
            await post_problem(work, told)


async def test_a_rare_word_beside_a_common_one_is_found(desk: Desk, lamps: None) -> None:
    found = await titles(desk, "lamp midnight")
    assert found[0] == "Fireworks at midnight"
    assert len(found) > 20


async def test_only_a_word_that_is_in_no_text_is_forgiven(desk: Desk, lamps: None) -> None:
    assert await titles(desk, "firworks") == ["Fireworks at midnight"]
    assert await titles(desk, "firworks midnight") == ["Fireworks at midnight"]
    assert "Fireworks at midnight" not in await titles(desk, "zeppelin firwork hums"), "the rest must be there"
    async with desk.reading() as work:
        assert (await search_problems(work, "zeppelin")).shown[0].reasons == ["has the word \u0002zeppelin\u0003"]


async def test_a_piece_of_the_story_is_shown_where_the_notice_lacks_the_words(desk: Desk, cast: Cast) -> None:
    long = "The council was told twice. " * 12 + "Then a heron drowned in the culverts. " + "Nobody came. " * 400
    async with desk.writing(cast.bo) as work:
        await post_problem(work, Told(title="The heron", story=long, tags=(), help_wanted="", place=""))
    async with desk.reading() as work:
        (by_title,) = await search_problems(work, "herons")
        assert by_title.headline == "", "its notice says it"
        (by_story,) = await search_problems(work, "heron drowned")
        assert "\u0002drowned\u0003" in by_story.headline
        assert len(by_story.headline) < 300


async def test_what_only_postgresql_knows_to_be_alike_has_its_piece_too(desk: Desk, cast: Cast) -> None:
    long = "The council was told twice. " * 12 + "Then it flooded in the Hauptstraße. " + "Nobody came. " * 40
    async with desk.writing(cast.bo) as work:
        await post_problem(work, Told(title="A letter", story=long, tags=(), help_wanted="", place=""))
    async with desk.reading() as work:
        (found,) = await search_problems(work, "hauptstrasse")
        assert "\u0002Hauptstraße\u0003" in found.headline


async def test_a_server_wakes_the_model_a_little_after_its_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(Understanding, "wake", lambda self: woken.append(self.setting))
    async with running(settings.model_copy(update={"meaning": "minilm"})):
        await asyncio.sleep(0.01)
        assert woken == [], "the first pages come first"
    monkeypatch.setattr("civicboard.app.WAKE_SECONDS", 0.0)
    async with running(settings.model_copy(update={"meaning": "minilm"})):
        await asyncio.sleep(0.01)
        assert woken == ["minilm"]


async def test_facets_have_counts_and_stand_in_the_address(client: httpx2.AsyncClient, desk: Desk, cast: Cast) -> None:
    async with desk.writing(cast.bo) as work:
        for number in range(3):
            await post_problem(work, Told(title=f"Lamp {number} is out", tags=("lights",), help_wanted=""))
        other = await post_problem(work, Told(title="Lamp at the hall", tags=("hall",), help_wanted="", place=""))
        work.session.add(Need(problem_id=other.id, by_id=cast.bo.id, kind="thing", what="A ladder", added_at=work.now))
        await keep_needs(work, await work.session.get_one(Problem, other.id))
    page = await found(client, "lamp")
    assert "<h3" not in page.partition("<main")[2].partition('id="found-problem"')[0], "headings leave no step out"
    narrowing = r'href="(/search\?q=lamp&amp;[^"]+)#chosen-\w+">.*?&nbsp;<small>(\d+)</small>'
    facets = dict(re.findall(narrowing, page))
    assert facets["/search?q=lamp&amp;tag=lights"] == "3"
    assert facets["/search?q=lamp&amp;tag=hall"] == "1"
    assert facets["/search?q=lamp&amp;place=brook-lane"] == "3"
    assert facets["/search?q=lamp&amp;need=thing"] == "1"
    for address, count in facets.items():
        narrowed = (await client.get(html.unescape(address))).text
        assert f"Problems <small>{count}</small>" in narrowed, address
    both = await found(client, "lamp", tag="lights", stage="open")
    assert "Problems <small>3</small>" in both
    assert 'id="chosen-tag" aria-current="true" href="/search?q=lamp&amp;stage=open#narrow"' in both, "and taken away"
    assert '<input type="hidden" name="tag" value="lights">' in both, "and other words keep it"
    none = await found(client, "lamp", stage="stuck")
    assert "look everywhere" in none


async def test_every_link_says_what_it_leads_to_and_goes_back_to_where_one_was(
    client: httpx2.AsyncClient, meant: FewIdeas, desk: Desk, cast: Cast
) -> None:
    """Read out by themselves, and by whoever has but a keyboard: what one has chosen has the focus on the next page."""
    async with desk.writing(cast.ada) as work:
        await set_stage(work, cast.problem, to="trying", why="A pump for the basements.")
        await write_post(work, cast.problem, kind="reply", capacity="neighbour", words="Basements, all of them")
    page = await found(client, "basements")
    links = [
        (html.unescape(re.sub(r"<[^>]+>", "", words)).replace("\xa0", " "), address)
        for address, words in re.findall(r'<a[^>]* href="([^"]+)"[^>]*>(.*?)</a>', page.partition('id="found"')[2])
    ]
    named = [words for words, _ in links]
    assert f"{FLOOD}: how it ended" in named
    assert f"{FLOOD}: what Ada Kaur said" in named
    assert any(re.fullmatch(r"Only .+ \d+ problems?", words) for words in named)
    led = {address.partition("#")[2] for words, address in links if address.startswith("/search") and words}
    assert "chosen-stage" in led
    assert "kind-problem" in led
    for anchor in led:
        there = next(address for _, address in links if address.endswith(f"#{anchor}"))
        assert f'id="{anchor}"' in (await client.get(html.unescape(there))).text, anchor
    assert '<form class="search" method="get" action="/search#count"' in page
    assert '<p id="count" tabindex="-1">' in page
    people = await found(client, "drainage", kind="person")
    assert '<ul role="list" class="row"><li class="tag">drainage</li></ul>' in people


async def test_what_an_address_says_wrongly_is_left_out(client: httpx2.AsyncClient, cast: Cast) -> None:
    page = await found(client, "flood", kind="nonsense", stage="nonsense", need="nonsense")
    assert FLOOD in page
    assert "nonsense" not in page.split("<main")[1].split("</main>")[0]


async def test_as_one_types_the_results_come_alone(app: Board, client: httpx2.AsyncClient, meant: FewIdeas) -> None:
    whole = await found(client, "cellars")
    async with client_for(app, script=True) as typing:
        answer = await typing.get("/search", params={"q": "cellars"})
    piece = answer.text
    assert piece.lstrip().startswith('<div id="found"')
    assert "<html" not in piece
    assert 'data-address="/search?q=cellars"' in piece
    assert answer.headers["Cache-Control"] == "no-store"
    assert "HX-Request" in answer.headers["Vary"]
    assert piece.strip() in whole, "one partial for both"


async def test_the_form_asks_while_one_types_and_the_newest_answer_wins(client: httpx2.AsyncClient) -> None:
    page = (await client.get("/search")).text
    form = re.search(r"<form class=\"search\"[^>]*>", page)
    assert form is not None
    for part in ('hx-get="/search"', 'hx-trigger="input delay:250ms"', 'hx-sync="replace"', 'hx-target="#found"'):
        assert part in form[0]
    assert 'method="get" action="/search#count"' in form[0]
    assert '<button type="submit"' in page, "and without a script there is a button"


async def test_a_number_leads_to_its_problem_but_not_while_one_types(
    app: Board, client: httpx2.AsyncClient, cast: Cast
) -> None:
    assert (await client.get("/search", params={"q": f"#{cast.problem}"})).status_code == 303
    async with client_for(app, script=True) as typing:
        assert (await typing.get("/search", params={"q": str(cast.problem)})).status_code == 200


async def test_who_types_too_much_reads_it_in_place(app: Board, cast: Cast) -> None:
    async def too_many(rule: str, key: str, *, new_account: bool = False) -> object:
        from civicboard.kit.limits import Verdict

        return Verdict(rule != "typing", 7)

    app.state.kit.rates.hit = too_many
    async with client_for(app, script=True) as typing:
        answer = await typing.get("/search?q=flood")
    assert answer.status_code == 200
    assert "try again in 7 seconds" in answer.text
    assert FLOOD not in answer.text


async def test_peoples_words_are_escaped(client: httpx2.AsyncClient, desk: Desk, cast: Cast, meant: FewIdeas) -> None:
    async with desk.writing(cast.bo) as work:
        await write_post(
            work, cast.problem, kind="reply", capacity="neighbour", words="Zeppelin <script>alert(1)</script>"
        )
    page = await found(client, "zeppelin <b>")
    assert "<script>alert" not in page
    assert "zeppelin <b>" not in page.lower()
