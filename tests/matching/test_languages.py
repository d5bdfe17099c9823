"""The languages that somebody speaks find them where a need names one, and are told as a reason."""

from __future__ import annotations

import pytest

from civicboard.board.queries.for_you import people_suited, suggestions_for
from civicboard.kit.work import Desk
from civicboard.matching.models import Meaning
from civicboard.matching.policy.facts import Able, Wanted, facts
from civicboard.matching.policy.languages import spoken, wanted_in
from civicboard.matching.policy.scoring import Weights, may_fit, parts, reasons, why_you
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.candidates import people_fitting
from civicboard.matching.queries.meanings import texts_of, without_meaning
from civicboard.matching.queries.needed import needs_to_match
from tests.cast import Cast
from tests.conftest import client_for
from tests.matching.people import a_need, can

SPEAKS = {"tags": [], "languages": ["Polish", "British Sign Language"]}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Somebody who speaks Polish", ["Polish"]),
        ("a polish speaker, to translate", ["Polish"]),
        ("Polish for the brass plate", ["Polish"]),  # a capital letter at the start can't be told apart
        ("To polish the brass plate", []),
        ("Polish the brass plate", []),
        ("Polish our shoes", []),
        ("Signs in british sign language", ["British Sign Language"]),
        ("A polisher", []),
        ("Somebody with a van", []),
    ],
)
def test_a_language_that_is_named(text: str, found: list[str]) -> None:
    assert spoken(SPEAKS["languages"], text) == found
    assert list(wanted_in(text, ())) == sorted(found)


def test_a_tag_names_one_and_so_does_one_that_no_list_has() -> None:
    assert spoken(["Polish"], "Brass", {"polish"}) == ["Polish"]
    assert spoken(["Klingon"], "Somebody to translate klingon") == ["Klingon"]


def test_it_counts_as_a_tag_does_and_is_told_to_both() -> None:
    able, wanted = Able(1, languages=["Polish", "Urdu"]), Wanted("A letter in Polish", "A letter in Polish", {})
    assert able.has_said
    fit = facts(able, wanted, None)
    assert may_fit(fit)
    assert parts(fit)["tags"] == pytest.approx(0.8)
    assert reasons(fit)[0] == "speaks Polish"
    assert why_you(fit)[0] == "You speak Polish."
    assert not may_fit(facts(able, Wanted("A letter", "A letter", {}), None))
    assert not fit.unspoken


@pytest.mark.parametrize(("what", "unspoken"), [("A Romanian speaker", True), ("A letter in plain English", False)])
def test_who_speaks_none_of_them_is_known(what: str, unspoken: bool) -> None:
    assert facts(Able(1, languages=["Polish"]), Wanted(what, what, {}), None).unspoken is unspoken


@pytest.mark.parametrize("read", [False, True])
async def test_who_speaks_it_is_found_and_finds_it(desk: Desk, cast: Cast, read: bool) -> None:
    """Also where a model has read the need and finds nothing in it that is like them."""
    await can(desk, cast.bo, **SPEAKS)
    await can(desk, cast.cy, tags=[], languages=["Welsh"])
    need = await a_need(desk, cast, "Somebody who speaks Polish", tags=[])
    if read:
        async with desk.writing() as work:
            for kind, number, vector in (("need", need, [1.0, 0.0]), ("person", cast.bo.id or 0, [0.0, 1.0])):
                whole = [*vector, *[0.0] * 382]
                row = Meaning(kind=kind, subject_id=number, model="m", made_of="", made_at=work.now, vector=whole)
                work.session.add(row)
    async with desk.reading(cast.ada) as work:
        found = await people_fitting(work, await needs_to_match(work, cast.problem), Weights())
        assert [(one.handle, one.why[0]) for one in found] == [("bo", "speaks Polish")]
        assert await people_suited(work, cast.problem) == [cast.bo.id]
    async with desk.reading(cast.bo) as work:
        (fits,) = await suggestions_for(work, await find_able(work, cast.bo.id or 0), Weights())
        assert fits.why[0] == "You speak Polish."


async def test_it_is_part_of_what_they_mean_and_of_what_is_searched(app: object, desk: Desk, cast: Cast) -> None:
    await can(desk, cast.bo, **SPEAKS)
    async with desk.reading() as work:
        assert await without_meaning(work, "person", "m", most=9) == [cast.bo.id]
        texts = await texts_of(work, "person", [cast.bo.id or 0])
    assert texts == {cast.bo.id: "Speaks Polish, British Sign Language"}
    async with client_for(app) as browser:  # type: ignore[arg-type]
        assert 'href="/people/bo"' in (await browser.get("/search?q=polish")).text
