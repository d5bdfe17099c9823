"""Whose page may want to show a problem that has just come: a short list, and each page decides for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, literal_column, or_, select, text, true, union
from sqlalchemy.orm import aliased

from civicboard.kit.work import Missing, Work
from civicboard.matching.models import ABILITY_SEARCH, Meaning
from civicboard.matching.policy import languages, wording
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.offers.models import Need
from civicboard.people.models import Session
from civicboard.problems.models import Problem
from civicboard.skills.models import Ability
from civicboard.skills.queries import find_vocabulary

#: So many words of what is wanted are looked for.
MOST_WORDS = 24
#: So many people of each way at most: those who know of its tags and were seen last, and those nearest in meaning.
MOST_PEOPLE = 200

#: Who was told of this problem within the last day.
_TOLD = text(
    "SELECT (data->>'person_id')::bigint FROM events"
    " WHERE happened_at > now() - interval '1 day' AND kind = 'ProblemSuited' AND data @> CAST(:about AS jsonb)"
)
#: The same since a need was last added to it: an errand that is done again tells them nothing more.
_TOLD_ALL = text(
    f"{_TOLD.text} AND id > COALESCE((SELECT max(id) FROM events"  # noqa: S608  # only our own words
    " WHERE happened_at > now() - interval '1 day' AND kind = 'NeedAdded' AND data @> CAST(:about AS jsonb)), 0)"
)


async def people_suited(work: Work, number: int) -> list[int]:
    """The ids of people whom a problem, or an open need of it, may fit, and who haven't been told of all of that today.

    Only people who are signed in somewhere: nobody else has a page open. Raises Missing.
    """
    problem = await _find(work, number)
    if problem.stage == "sorted":
        return []
    people = await _fitting(work, problem, Need.state == "open")
    told = set(await work.session.scalars(_TOLD_ALL.bindparams(about=_about(number))))
    return sorted(people - told - {problem.poster_id})


async def people_told(work: Work, number: int) -> list[int]:
    """The ids of people who were told of a problem within the last day."""
    return sorted(set(await work.session.scalars(_TOLD.bindparams(about=_about(number)))))


async def people_concerned(work: Work, number: int) -> list[int]:
    """The ids of people on whose open pages a problem may stand: those it fits, or did, or who were told of it today.

    Only people who are signed in somewhere. Raises Missing.
    """
    problem = await _find(work, number)
    people = await _fitting(work, problem, true())
    return sorted((people | set(await people_told(work, number))) - {problem.poster_id})


def _about(number: int) -> str:
    return f'{{"problem_id": {number}}}'


async def _find(work: Work, number: int) -> Any:
    row = (
        await work.session.execute(
            select(
                Problem.id,
                Problem.tags,
                Problem.poster_id,
                Problem.stage,
                func.concat_ws(literal_column("' '"), Problem.help_wanted, Problem.title, Problem.story).label("text"),
            ).where(Problem.id == number)
        )
    ).first()
    if row is None:
        raise Missing
    return row


async def _fitting(work: Work, problem: Any, which: ColumnElement[bool]) -> set[int]:
    """Whom a problem may fit, or one of these needs of it."""
    asked = select(Need.id, Need.tags, Need.what, Need.words).where(Need.problem_id == problem.id, which)
    needs = (await work.session.execute(asked)).all()
    tags = sorted({tag.lower() for one in (problem, *needs) for tag in one.tags})
    ways: list[Any] = [_near("problem", [problem.id])]
    if needs:
        ways.append(_near("need", [need.id for need in needs]))
    if tags:
        ways.append(_knowing(await _synonyms(work, tags)))
    # Words in common count where no model has read it, as in the score.
    says = " ".join(f"{need.what} {need.words}" for need in needs) if needs else problem.text
    words = wording.telling(says, most=MOST_WORDS)
    spoken = languages.wanted_in(says, tags)
    if spoken:
        ways.append(_saying([f'"{language}"' for language in spoken]))
    if words and not await _is_read(work, problem.id, [need.id for need in needs]):
        ways.append(_saying(words))
    return set(await work.session.scalars(union(*ways)))


async def _synonyms(work: Work, tags: Sequence[str]) -> list[str]:
    vocabulary = await find_vocabulary(work)
    return sorted({*tags, *(word for tag in tags for word in vocabulary.words_for(tag))})


def _signed_in(person_id: Any) -> ColumnElement[bool]:
    return (
        select(Session.id)
        .where(Session.person_id == person_id, Session.ended_at.is_(None), Session.ends_at > func.now())
        .exists()
    )


def _knowing(tags: Sequence[str]) -> Select[*tuple[int]]:
    newest = (
        select(Ability.person_id)
        .where(Ability.tags.overlap(tags), _signed_in(Ability.person_id))
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(MOST_PEOPLE)
        .subquery()
    )
    return select(newest.c.person_id)


async def _is_read(work: Work, number: int, need_ids: Sequence[int]) -> bool:
    """Whether a model has read a problem, or any of these needs of it."""
    of = or_(
        (Meaning.kind == "problem") & (Meaning.subject_id == number),
        (Meaning.kind == "need") & Meaning.subject_id.in_(need_ids),
    )
    return bool(await work.session.scalar(select(exists().where(of))))


def _saying(words: Sequence[str]) -> Select[*tuple[int]]:
    """Those who have one of these words in what they say of themselves, by the index of it, who spoke last first."""
    newest = (
        select(Ability.person_id)
        .where(
            ABILITY_SEARCH.op("@@")(func.websearch_to_tsquery("civic", " or ".join(words))),
            _signed_in(Ability.person_id),
        )
        .order_by(Ability.said_at.desc().nulls_last(), Ability.person_id.desc())
        .limit(MOST_PEOPLE)
        .subquery()
    )
    return select(newest.c.person_id)


def _near(kind: str, ids: Sequence[int]) -> Select[*tuple[int]]:
    """Those nearest in meaning to these problems or needs; nobody while no model has read them."""
    its, person = aliased(Meaning), aliased(Meaning)
    far = distance(its.vector, person)
    near = (
        select(person.subject_id)
        .where(of_kind("person", person), person.model == its.model)
        .order_by(far)
        .limit(MOST_PEOPLE)
        .correlate(its)
        .lateral()
    )
    return (
        select(near.c.subject_id)
        .select_from(its)
        .join(near, literal(True))
        .where(its.kind == kind, its.subject_id.in_(ids), _signed_in(near.c.subject_id))
    )
