"""Who fits a need: found by tags with their synonyms, by words, by meaning and by place; and who never is."""

from __future__ import annotations

import pytest

from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.matching.models import Meaning
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.candidates import Candidate, find_candidate, people_fitting, people_to_show
from civicboard.matching.queries.needed import find_needed, needs_to_match
from civicboard.networks.actions import step_out
from civicboard.networks.models import Member
from civicboard.offers.actions import make_offer, settle_need
from civicboard.people.models import Block, Person
from civicboard.places.actions import put_place
from civicboard.skills.models import Skill
from tests.cast import Cast, a_convenor
from tests.matching.people import a_need, a_person, can


async def fitting(desk: Desk, who: Viewer, need_id: int) -> dict[str, Candidate]:
    async with desk.reading(who) as work:
        found = await people_fitting(work, [await find_needed(work, need_id)], Weights())
        return {one.handle: one for one in found}


async def test_somebody_is_found_by_a_tag_another_word_for_it_or_the_same_words(desk: Desk, cast: Cast) -> None:
    async with desk.writing() as work:
        work.session.add(Skill(tag="drainage", synonyms=["drains", "culverts"]))
    await can(desk, cast.bo, "drainage", levels={"drainage": "living"})
    await can(desk, cast.cy, "culverts")
    await can(desk, cast.dee, words="I once unblocked the drains of a whole school.")
    await a_person(desk, "eve", tags=["knitting"], words="Socks.")
    need = await a_need(desk, cast)
    found = await fitting(desk, cast.ada, need)
    assert set(found) == {"bo", "cy", "dee"}
    assert next(iter(found)) == "bo"
    assert found["bo"].why[0] == "drainage (does it for a living)"
    assert found["cy"].why[0] == "drainage"
    assert found["dee"].why == [
        "says “I once unblocked the drains of a whole school”",
        "uses the same words: “drains”",
        "can help online",
    ]


async def test_what_is_needed_is_known_by_its_line_where_it_has_no_tags(desk: Desk, cast: Cast) -> None:
    async with desk.writing() as work:
        work.session.add(Skill(tag="reading plans", synonyms=["culvert survey"]))
    await can(desk, cast.bo, "reading plans")
    need = await a_need(desk, cast, "Somebody for a culvert survey", tags=[])
    assert set(await fitting(desk, cast.ada, need)) == {"bo"}


async def test_things_are_lent_and_rooms_too(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, things=["A long ladder"])
    await can(desk, cast.cy, rooms=["The hall behind the chapel"])
    await can(desk, cast.dee, "ladders")
    thing = await a_need(desk, cast, "A ladder of six metres", kind="thing", tags=[])
    room = await a_need(desk, cast, "A hall for forty people", kind="room", tags=[])
    assert "can lend: A long ladder" in (await fitting(desk, cast.ada, thing))["bo"].why
    assert set(await fitting(desk, cast.ada, room)) == {"cy"}


async def test_nearer_is_better_and_told_in_words(desk: Desk, cast: Cast) -> None:
    async with desk.writing() as work:
        town = await put_place(work, slug="millbrook", name="Millbrook", kind="town")
        street = await put_place(work, slug="brook-lane", name="Brook Lane", kind="street", parent_id=town)
        next_one = await put_place(work, slug="mill-road", name="Mill Road", kind="street", parent_id=town)
        far = await put_place(work, slug="elsewhere", name="Elsewhere", kind="town")
        for who, place in ((cast.bo, street), (cast.cy, next_one), (cast.dee, far)):
            (await work.session.get_one(Person, who.id)).place_id = place
    for who in (cast.dee, cast.cy, cast.bo):
        await can(desk, who, "drainage", free=["thu-evening"])
    found = await fitting(desk, cast.ada, await a_need(desk, cast, where="there"))
    assert list(found) == ["bo", "cy", "dee"]
    assert found["bo"].why == ["drainage", "lives in Brook Lane", "free on Thursday evenings"]
    assert "lives in the next street" in found["cy"].why
    assert found["dee"].why == ["drainage", "free on Thursday evenings"]
    await can(desk, cast.dee, reach_ids=[street])
    assert "can get to Brook Lane" in (await fitting(desk, cast.ada, await a_need(desk, cast)))["dee"].why


async def test_nobody_meets_whom_they_block_or_who_has_stepped_out_or_wants_no_asks(desk: Desk, cast: Cast) -> None:
    for who in (cast.ada, cast.bo, cast.cy, cast.dee):
        await can(desk, who, "drainage")
    eve = await a_person(desk, "eve", tags=["drainage"])
    need = await a_need(desk, cast)
    assert set(await fitting(desk, cast.cy, need)) == {"bo", "dee", "eve"}
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.bo.id, blocked_id=cast.ada.id, since=work.now))
        work.session.add(Member(problem_id=cast.problem, person_id=cast.cy.id, part="helper", joined_at=work.now))
        work.session.add(Block(person_id=cast.cy.id, blocked_id=eve.id, since=work.now))
    assert set(await fitting(desk, cast.ada, need)) == {"cy", "dee"}, "Eve would meet Cy"
    async with desk.writing(cast.cy) as work:
        await step_out(work, cast.problem)
    assert set(await fitting(desk, cast.ada, need)) == {"dee", "eve"}
    async with desk.writing() as work:
        work.session.add(Block(person_id=cast.ada.id, blocked_id=eve.id, since=work.now))
    await can(desk, cast.dee, asks_a_week=0)
    assert await fitting(desk, cast.ada, need) == {}


@pytest.mark.parametrize("part", ["conversation", "helper"])
async def test_who_is_on_the_problem_may_be_the_one_for_another_need(desk: Desk, cast: Cast, part: str) -> None:
    """They have said a word there, or help with something else: nobody fits better for that, and nobody worse."""
    await can(desk, cast.bo, "drainage")
    async with desk.writing() as work:
        work.session.add(Member(problem_id=cast.problem, person_id=cast.bo.id, part=part, joined_at=work.now))
    need = await a_need(desk, cast)
    assert set(await fitting(desk, cast.ada, need)) == {"bo"}
    async with desk.writing(cast.bo) as work:
        await make_offer(work, cast.problem, what="Drains", words="", need_id=need)
    assert await fitting(desk, cast.ada, need) == {}, "who offers it is asked no more"


async def test_who_shows_nobody_what_they_can_do_is_in_no_list(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, "drainage", visibility="matching", words="Ten years on brooks.")
    await can(desk, cast.cy, "drainage", visibility="signed_in")
    need = await a_need(desk, cast)
    async with desk.reading(cast.ada) as work:
        needed = await find_needed(work, need)
        assert [one.handle for one in await people_to_show(work, [needed], Weights())] == ["cy"]
        hidden = await find_candidate(work, needed, "bo", Weights())
    assert hidden is not None
    assert not hidden.is_seen
    with pytest.raises(AssertionError):
        assert hidden.why


async def test_ten_at_most_are_shown_each_for_the_need_they_fit_best(desk: Desk, cast: Cast) -> None:
    for number in range(12):
        await a_person(desk, f"p{number}", tags=["drainage"])
    await can(desk, cast.bo, "sewing")
    drains = await a_need(desk, cast)
    sewing = await a_need(desk, cast, "Sandbags sewn", tags=["sewing"])
    async with desk.reading(cast.ada) as work:
        needs = await needs_to_match(work, cast.problem)
        assert [one.id for one in needs] == [sewing, drains]
        everybody = await people_fitting(work, needs, Weights())
        assert {one.handle: one.need.id for one in everybody} == {
            "bo": sewing,
            **{f"p{number}": drains for number in range(12)},
        }
        assert len(await people_to_show(work, needs, Weights())) == 10
    async with desk.writing(cast.ada) as work:
        await settle_need(work, sewing)
    async with desk.reading(cast.ada) as work:
        assert [one.id for one in await needs_to_match(work, cast.problem)] == [drains]


def _vector(*at: tuple[int, float]) -> list[float]:
    vector = [0.0] * 384
    for number, value in at:
        vector[number] = value
    return vector


async def test_meaning_is_that_of_the_need_or_the_problem_whichever_is_nearer(desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, words="x")
    await can(desk, cast.cy, words="y")
    await can(desk, cast.dee, words="z")
    need = await a_need(desk, cast, tags=[])
    async with desk.writing() as work:
        for kind, number, vector in (
            ("problem", cast.problem, _vector((0, 1.0))),
            ("need", need, _vector((1, 1.0))),
            ("person", cast.bo.id, _vector((0, 0.3), (2, 0.954))),
            ("person", cast.cy.id, _vector((1, 0.5), (2, 0.866))),
            ("person", cast.dee.id, _vector((2, 1.0))),
        ):
            work.session.add(
                Meaning(kind=kind, subject_id=number, model="few-ideas", made_of="x", made_at=work.now, vector=vector)
            )
    found = await fitting(desk, cast.ada, need)
    assert list(found) == ["cy", "bo"]
    assert found["cy"].fit.meaning == pytest.approx(0.5, abs=0.01)
    assert found["bo"].fit.meaning == pytest.approx(0.3, abs=0.01)
    assert found["cy"].need.model == "few-ideas"


@pytest.mark.parametrize("apart", [False, True])
async def test_who_looks_after_the_problem_is_not_asked_for_its_needs_nor_who_is_apart_from_them(
    desk: Desk, cast: Cast, apart: bool
) -> None:
    await can(desk, cast.bo, "drainage")
    await can(desk, cast.cy, "drainage")
    need = await a_need(desk, cast)
    assert set(await fitting(desk, cast.ada, need)) == {"bo", "cy"}
    await a_convenor(desk, cast, cast.cy)
    if apart:
        async with desk.writing() as work:
            work.session.add(Block(person_id=cast.bo.id, blocked_id=cast.cy.id, since=work.now))
    assert set(await fitting(desk, cast.ada, need)) == (set() if apart else {"bo"})
