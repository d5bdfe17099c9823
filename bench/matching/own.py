"""The board's own matching, on the same tables: what people would see on a problem, and on their page "for you".

It goes the whole way: the words for what people can do that the board comes with, the texts that it makes meanings of,
short lists by each of its indexes, the score with its weights, and what is not worth showing left out. Nobody in it has
a place or hours, so nearness and time weigh the same for all.
"""

from __future__ import annotations

from bench.matching.filling import Numbers
from bench.matching.model import MODEL_ID, Model
from civicboard.board.queries.for_you import suggestions_for
from civicboard.kit.work import Desk
from civicboard.matching.actions.meanings import forget_everything, index
from civicboard.matching.models import KINDS
from civicboard.matching.policy.scoring import DEFAULT
from civicboard.matching.queries.able import find_able
from civicboard.matching.queries.candidates import people_fitting
from civicboard.matching.queries.meanings import all_after, texts_of
from civicboard.matching.queries.needed import find_needed
from civicboard.skills.actions import seed_words


async def read_as_the_board_does(desk: Desk, model: Model | None) -> None:
    """The words it comes with, and each thing's meaning made anew of the board's own text; none without a model."""
    async with desk.writing() as work:
        await seed_words(work)
        await forget_everything(work)
    if model is None:
        return
    for kind in KINDS:
        async with desk.reading() as work:
            texts = await texts_of(work, kind, await all_after(work, kind, 0, most=10_000))
        if not texts:
            continue
        vectors = [[float(number) for number in vector] for vector in model.encode(list(texts.values()))]
        async with desk.writing() as work:
            await index(work, kind, dict(zip(texts, vectors, strict=True)), model=MODEL_ID, texts=texts)


async def people_for(desk: Desk, need_id: int) -> list[int]:
    """Who fits a need, the best first."""
    async with desk.reading() as work:
        return [one.person_id for one in await people_fitting(work, [await find_needed(work, need_id)], DEFAULT)]


async def problems_for(desk: Desk, person_id: int) -> list[int]:
    """What stands on somebody's page, the best first."""
    async with desk.reading() as work:
        return [one.problem_id for one in await suggestions_for(work, await find_able(work, person_id), DEFAULT)]


async def match_all(desk: Desk, numbers: Numbers) -> dict[str, dict[str, list[str]]]:
    """For every need and every person of the set, by direction."""
    people, problems = numbers.names("people"), numbers.names("problems")
    return {
        "need_people": {
            name: [people[one] for one in await people_for(desk, at)] for name, at in numbers.needs.items()
        },
        "person_problems": {
            name: [problems[one] for one in await problems_for(desk, at)] for name, at in numbers.people.items()
        },
    }
