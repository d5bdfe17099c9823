"""What one person can do and what is wanted, side by side: the same facts and the same score from either side."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from civicboard.app import RENDERERS, create_app
from civicboard.board.events import FitChanged
from civicboard.board.live import show_fit
from civicboard.board.policy import FRESH
from civicboard.board.queries.for_you import find_suggestion, suggestions_for
from civicboard.kit.hub.rendering import Renderers
from civicboard.kit.work import Desk
from civicboard.matching.models import Meaning
from civicboard.matching.policy.facts import Able, Wanted, facts
from civicboard.matching.policy.nearness import Spot, nearness
from civicboard.matching.policy.scoring import Weights, may_fit, score
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.candidates import people_fitting
from civicboard.matching.queries.needed import find_needed
from civicboard.people.models import Person
from civicboard.places.actions import put_place
from civicboard.settings import Settings
from civicboard.skills.models import Skill
from tests.cast import Cast
from tests.matching.people import a_need, can

ABILITIES = [
    {"tags": ["culverts"], "levels": {"culverts": "living"}, "free": ["thu-evening"], "hours_a_week": 1.0},
    {"words": "I unblocked the drains of a whole school.", "online_only": True},
    {"tags": ["knitting"], "things": ["A long ladder"], "lends": "drain rods"},
    {"words": "Ten winters on becks."},
]
NEEDS = [
    {"what": "Somebody who knows drains", "tags": ["drainage"], "hours": 3.0},
    {"what": "A ladder or rods for drains", "kind": "thing", "tags": []},
    {"what": "Looks at a sewer with us", "tags": [], "where": "there"},
    {"what": "Reads a report on culverts", "tags": [], "where": "online"},
]


def vector(similarity: float) -> list[float]:
    return [similarity, (1 - similarity**2) ** 0.5, *[0.0] * 382]


@pytest.mark.parametrize("says", ABILITIES, ids=lambda says: next(iter(says.values()))[0])
@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need["what"])
@pytest.mark.parametrize("alike", [None, 0.4])
async def test_the_score_is_the_same_from_either_side(
    desk: Desk, cast: Cast, says: dict[str, object], need: dict[str, object], alike: float | None
) -> None:
    """Who stands beside a need as fitting so well finds it on their own page as fitting so well."""
    async with desk.writing() as work:
        work.session.add(Skill(tag="drainage", synonyms=["drains", "culverts", "sewers"]))
        mill = await put_place(work, slug="mill-road", name="Mill Road", kind="street", parent_id=1)
        await work.session.execute(update(Person).where(Person.id == cast.bo.id).values(place_id=mill))
    await can(desk, cast.bo, **says)
    number = await a_need(desk, cast, **need)
    if alike is not None:
        async with desk.writing() as work:
            # The problem is nearer than its need.
            for kind, subject, at in (("person", cast.bo.id, 1.0), ("problem", 1, alike), ("need", number, 0.1)):
                made = {"model": "a-model", "made_of": "x", "made_at": work.now, "vector": vector(at)}
                work.session.add(Meaning(kind=kind, subject_id=subject, **made))
    async with desk.reading(cast.ada) as work:
        theirs = {one.handle: one for one in await people_fitting(work, [await find_needed(work, number)], Weights())}
    async with desk.reading(cast.bo) as work:
        mine = {one.what: one for one in await suggestions_for(work, await find_able(work, cast.bo.id), Weights())}
    assert ("bo" in theirs) == (need["what"] in mine)
    if theirs:
        # What came just now comes first on one's own page; all else is the score.
        assert mine[str(need["what"])].score - FRESH == pytest.approx(theirs["bo"].score, abs=0.002)


def test_words_in_common_count_only_where_no_model_has_read_both() -> None:
    able = Able(1, words="Ten years on drains and culverts.")
    wanted = Wanted(what="Knows drains", text="Knows drains and culverts", means={})
    unread, far = facts(able, wanted, None), facts(able, wanted, 0.1)
    assert unread.words == far.words == ("drains", "culverts")
    assert may_fit(unread)
    assert not may_fit(far)
    assert score(unread, Weights()) > score(far, Weights())


def test_nearness_says_nothing_where_nobody_has_said_where_it_is_to_be_done() -> None:
    town = (9, "town")
    here, there = Spot(1, "street", (town,)), Spot(2, "street", ((8, "town"),))
    at_home = {"online_only": False, "reach": ()}
    assert nearness(here, here, where="", **at_home) == "same"
    assert nearness(there, here, where="", **at_home) == ""
    assert nearness(there, here, where="either", **at_home) == "online"
    # Who gets about in the whole town gets to each street of it.
    assert nearness(here, there, reach=[9], where="there", online_only=False) == "reach"


async def test_live_goes_by_the_weights_of_the_board_as_the_page_does(
    desk: Desk, cast: Cast, settings: Settings
) -> None:
    await can(desk, cast.bo, "drainage", words="Ten winters on becks.")
    for what, tags in (("Knows drains", ["drainage"]), ("Ten becks in winter", [])):
        await a_need(desk, cast, what, tags=tags)
    found = {}
    async with desk.reading() as work:
        able = await find_able(work, cast.bo.id)
        for tags in (1.0, 0.0):
            weights = Weights(meaning=0.0, tags=tags, near=0.2, free=0.2)
            on_page = await suggestions_for(work, able, weights)
            assert on_page[0] == await find_suggestion(work, able, cast.problem, weights)
            shown = await show_fit(work, FitChanged(cast.bo.id, cast.problem), weights=weights)
            assert shown.context["fits"] == on_page[0]
            found[tags] = on_page[0].score
    assert found[1.0] != found[0.0]
    with pytest.raises(KeyError):
        Renderers(RENDERERS)
    app = create_app(settings.model_copy(update={"match_weights": (("tags", 0.7),)}))
    assert app.state.kit.hub.renderers.given[show_fit] == {"weights": Weights(tags=0.7)}
