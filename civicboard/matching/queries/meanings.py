"""What each kind of thing says, to be made into a meaning; and the conditions by which what is near is found."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Text,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from civicboard.kit.work import Work
from civicboard.matching.models import KINDS, OUTCOME_STAGES, Meaning
from civicboard.offers.models import Need
from civicboard.posts.models import Post
from civicboard.problems.models import Problem
from civicboard.progress.models import StageChange
from civicboard.skills.models import Ability, Skill

#: Of a long story, its start says what it is about; the model reads no further.
STORY_START = 1200


def hash_of(text: str) -> str:
    """What is kept with a meaning to know whether it is still of this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# --- what each kind says ---


def _lines(*parts: Any) -> ColumnElement[str]:
    """The parts that say anything, one a line."""
    return func.concat_ws(literal_column(r"E'\n'"), *(func.nullif(part, "") for part in parts))


def _listed(words: Any) -> ColumnElement[str]:
    return func.array_to_string(words, ", ")


def _synonyms(tags: Any) -> ColumnElement[str]:
    """The other words for tags, so that "leaflets" is near to who said "design". Of each the first few."""
    few: ColumnElement[Any] = literal_column("synonyms[1:4]")
    found = (
        select(func.string_agg(_listed(few), literal_column("', '"))).select_from(Skill).where(Skill.tag == any_(tags))
    )
    return func.coalesce(found.correlate(Ability, Need).scalar_subquery(), "")


def _title(of: Any) -> ColumnElement[str]:
    """The title of the problem that it belongs to: by itself a need seldom says what it is about."""
    found = select(Problem.title).where(Problem.id == of.problem_id)
    return func.coalesce(found.correlate(of).scalar_subquery(), "")


#: How an import begins what it tells of itself: it is in every report, and would make all of them alike.
IMPORTED = r"E'\n\nWhere it was first reported ('"


def _story() -> ColumnElement[str]:
    """What a problem tells: of an imported one, without what the import says of it."""
    told = case(
        (Problem.source.is_(None), Problem.story), else_=func.split_part(Problem.story, literal_column(IMPORTED), 1)
    )
    return func.left(told, STORY_START)


_SAYS: dict[str, tuple[Any, ColumnElement[str]]] = {
    "problem": (
        Problem.id,
        _lines(Problem.title, _listed(Problem.tags), Problem.help_wanted, _story()),
    ),
    "need": (Need.id, _lines(_title(Need), Need.what, _listed(Need.tags), Need.words)),
    "person": (
        Ability.person_id,
        _lines(
            _listed(Ability.tags),
            Ability.words,
            _synonyms(Ability.tags),
            Ability.lends,
            _listed(Ability.things),
            _listed(Ability.rooms),
            "Speaks " + func.nullif(_listed(Ability.languages), ""),
        ),
    ),
    "post": (Post.id, func.left(Post.words, STORY_START)),
    "outcome": (StageChange.id, _lines(_title(StageChange), func.left(StageChange.why, STORY_START))),
}
assert set(_SAYS) == set(KINDS)


async def texts_of(work: Work, kind: str, ids: Sequence[int]) -> dict[int, str]:
    """What those things say now, by their ids. What isn't there, or says nothing, is left out."""
    number, says = _SAYS[kind]
    found = await work.session.execute(
        select(number, says).where(
            number == any_(bindparam("ids", list(ids), type_=ARRAY(BigInteger))), _says_something(kind)
        )
    )
    return {subject: text.strip() for subject, text in found if text.strip()}


async def parts_of_problem(work: Work, number: int) -> list[tuple[str, int]]:
    """Kind and id of what is read together with the problem's title: its needs, and how it ended."""
    needs = await work.session.scalars(select(Need.id).where(Need.problem_id == number))
    ended = await work.session.scalars(
        select(StageChange.id).where(StageChange.problem_id == number, _says_something("outcome"))
    )
    return [*(("need", one) for one in needs), *(("outcome", one) for one in ended)]


async def problems_of_needs(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """The numbers of the problems that these needs belong to, by need."""
    found = await work.session.execute(select(Need.id, Need.problem_id).where(Need.id.in_(ids)))
    return {need_id: number for need_id, number in found}  # noqa: C416  # a Row is no pair to mypy


async def problems_of_posts(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """The numbers of the problems on which these posts were said, by post."""
    found = await work.session.execute(select(Post.id, Post.problem_id).where(Post.id.in_(ids)))
    return {post_id: number for post_id, number in found}  # noqa: C416  # a Row is no pair to mypy


def _lacks(kind: str, model: str) -> ColumnElement[bool]:
    number, _ = _SAYS[kind]
    has = select(Meaning.subject_id).where(Meaning.kind == kind, Meaning.subject_id == number, Meaning.model == model)
    return ~has.exists()


def _says_something(kind: str) -> ColumnElement[bool]:
    """Of a person there is a row also when they have said nothing; of the stages only the last ones tell an outcome."""
    if kind == "outcome":
        return and_(StageChange.to_stage.in_(OUTCOME_STAGES), StageChange.why != "")
    if kind != "person":
        return literal_column("true")
    said = (func.cardinality(words) > 0 for words in (Ability.tags, Ability.things, Ability.rooms, Ability.languages))
    return or_(Ability.words != "", Ability.lends != "", *said)


async def without_meaning(work: Work, kind: str, model: str, *, most: int) -> list[int]:
    """The ids of some things that have no meaning of this model yet, the newest first."""
    number, _ = _SAYS[kind]
    found = await work.session.scalars(
        select(number).where(_lacks(kind, model), _says_something(kind)).order_by(number.desc()).limit(most)
    )
    return list(found)


async def all_after(work: Work, kind: str, last: int, *, most: int) -> list[int]:
    """The ids of things of a kind, in their order, after the last."""
    number, _ = _SAYS[kind]
    found = await work.session.scalars(
        select(number).where(number > last, _says_something(kind)).order_by(number).limit(most)
    )
    return list(found)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a kind there is, and how much of it has a meaning of the model."""

    kind: str
    things: int
    meant: int


async def meanings_coverage(work: Work, model: str) -> list[Coverage]:
    """Counted, so for whoever runs the board and not for a page."""
    found = []
    for kind in KINDS:
        number, _ = _SAYS[kind]
        things = await work.session.scalar(select(func.count(number)).where(_says_something(kind)))
        meant = await work.session.scalar(
            select(func.count()).select_from(Meaning).where(Meaning.kind == kind, Meaning.model == model)
        )
        found.append(Coverage(kind, things or 0, meant or 0))
    return found


async def made_of(work: Work, kind: str, ids: Sequence[int], model: str) -> dict[int, str]:
    """The hashes of the texts that the stored meanings of this model were made of."""
    found = await work.session.execute(
        select(Meaning.subject_id, Meaning.made_of).where(
            Meaning.kind == kind, Meaning.model == model, Meaning.subject_id.in_(ids)
        )
    )
    return dict(found.all())


async def orphans(work: Work, kind: str, *, most: int = 5000) -> list[int]:
    """Whose meanings are left of things that are no longer there."""
    number, _ = _SAYS[kind]
    there = select(number).where(number == Meaning.subject_id).exists()
    found = await work.session.scalars(
        select(Meaning.subject_id).where(Meaning.kind == kind, ~there).order_by(Meaning.subject_id).limit(most)
    )
    return list(found)


# --- what is near ---


def of_kind(kind: str, of: type[Meaning] = Meaning) -> ColumnElement[bool]:
    """The condition that the kind's own index has, written out so that the planner sees that they are the same."""
    assert kind in KINDS
    return of.kind == literal_column(f"'{kind}'")


def vector_parameter(name: str = "vector") -> ColumnElement[Any]:
    """A vector given as text (``literal``), since the driver knows no ``halfvec``."""
    return cast(bindparam(name, type_=Text), Meaning.vector.type)


def distance(to: Any, of: type[Meaning] = Meaning) -> ColumnElement[float]:
    """Cosine distance: 1 less the similarity. Ordered by it, nothing else, a SELECT uses the index."""
    return of.vector.op("<=>", return_type=Float())(to)
