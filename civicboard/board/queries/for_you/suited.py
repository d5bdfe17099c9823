"""Whose page may want to show a problem that has just come: a short list, and each page decides for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, literal_column, or_, select, text, true, union
from sqlalchemy.orm import aliased

from civicboard.board.queries.for_you.elsewhere import ENDED, NEAR_ENOUGH
from civicboard.board.queries.for_you.waiting import ASKED_WITHIN, MOST_READ, asks_something, followed_up
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import ABILITY_SEARCH, Meaning
from civicboard.matching.policy import languages, wording
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.offers.models import Need
from civicboard.people.models import Session
from civicboard.posts.models import Post
from civicboard.problems.models import Follow, Problem
from civicboard.skills.models import Ability
from civicboard.skills.queries import find_vocabulary

#: So many words of what is wanted are looked for.
MOST_WORDS = 24
#: So many people of each way at most: those who know of its tags and were seen last, and those nearest in meaning.
MOST_PEOPLE = 200
#: A problem is like so many others of each way at most.
MOST_LIKE = 12

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

#: Who was told of this question within the last day.
_TOLD_QUESTION = text(_TOLD.text.replace("ProblemSuited", "QuestionSuited"))


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


async def people_answering(work: Work, number: int, post_id: int) -> list[int]:
    """The ids of people who may be able to answer what was asked in a post, and haven't been told of it today.

    Nobody where it asks nothing, or has its answer. Only people who are signed in somewhere. Raises Missing.
    """
    problem = await _find(work, number)
    asked = (
        await work.session.execute(
            select(Post.author_id, Post.words).where(
                Post.id == post_id,
                Post.posted_at > work.now - ASKED_WITHIN,
                asks_something(Post.words),
                ~followed_up(Post),
            )
        )
    ).first()
    if asked is None:
        return []
    says = f"{problem.title} {asked.words}"
    named = (await find_vocabulary(work)).tags_in(asked.words[-MOST_READ:])
    tags = sorted({tag.lower() for tag in (*problem.tags, *named)})
    ways = await _ways(work, says, tags, [("post", [post_id])])
    about = f'{{"problem_id": {number}, "post_id": {post_id}}}'
    told = set(await work.session.scalars(_TOLD_QUESTION.bindparams(about=about)))
    return sorted(set(await work.session.scalars(union(*ways))) - told - {asked.author_id})


async def people_breaking_silence(work: Work, number: int) -> list[int]:
    """The ids of people who may be able to say something on a problem that fell silent.

    Only people who are signed in somewhere. Raises Missing.
    """
    problem = await _find(work, number)
    named = (await find_vocabulary(work)).tags_in(problem.title)
    tags = sorted({tag.lower() for tag in (*problem.tags, *named)})
    ways = await _ways(work, problem.text, tags, [("problem", [problem.id])])
    return sorted(set(await work.session.scalars(union(*ways))) - {problem.poster_id})


async def people_alike(work: Work, number: int) -> list[int]:
    """The ids of people who posted or follow a problem like this one, or posted this one: those who followed last.

    Only people who are signed in somewhere. Raises Missing.
    """
    problem = await _find(work, number)
    like = await _like(work, problem)
    followers = (
        select(Follow.person_id)
        .where(Follow.problem_id.in_(like), _signed_in(Follow.person_id))
        .order_by(Follow.since.desc())
        .limit(MOST_PEOPLE)
        .subquery()
    )
    posters = select(Problem.poster_id).where(Problem.id.in_([*like, number]), _signed_in(Problem.poster_id))
    return sorted(set(await work.session.scalars(union(select(followers.c.person_id), posters))))


async def _like(work: Work, problem: Any) -> list[int]:
    """The problems that one is like: in meaning the nearest, and by its tags those that moved last."""
    its, other = aliased(Meaning), aliased(Meaning)
    far = distance(its.vector, other)
    near = (
        select(other.subject_id, far.label("far"))
        .where(of_kind("problem", other), other.model == its.model, other.subject_id != problem.id)
        .order_by(far)
        .limit(MOST_LIKE)
        .correlate(its)
        .lateral()
    )
    found = await work.session.scalars(
        select(near.c.subject_id)
        .select_from(its)
        .join(near, true())
        .where(its.kind == "problem", its.subject_id == problem.id, 1 - near.c.far >= NEAR_ENOUGH)
    )
    like = set(found)
    if problem.tags and problem.stage in ENDED:
        like |= set(
            await work.session.scalars(
                select(Problem.id)
                .where(Problem.tags.overlap(problem.tags), Problem.id != problem.id)
                .order_by(Problem.moved_at.desc())
                .limit(MOST_LIKE)
            )
        )
    return sorted(like)


def _about(number: int) -> str:
    return f'{{"problem_id": {number}}}'


async def _find(work: Work, number: int) -> Any:
    row = (
        await work.session.execute(
            select(
                Problem.id,
                Problem.title,
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
    says = " ".join(f"{need.what} {need.words}" for need in needs) if needs else problem.text
    ways = await _ways(work, says, tags, [("problem", [problem.id]), ("need", [need.id for need in needs])])
    return set(await work.session.scalars(union(*ways)))


async def _ways(
    work: Work, says: str, tags: Sequence[str], read: Sequence[tuple[str, Sequence[int]]]
) -> list[Select[*tuple[int]]]:
    """The ways to whoever may have to do with what ``says`` this; a model may have ``read`` those things of it."""
    ways = [_near(kind, ids) for kind, ids in read if ids]
    if tags:
        ways.append(_knowing(await _synonyms(work, tags)))
    words = wording.telling(says, most=MOST_WORDS)
    spoken = languages.wanted_in(says, tags)
    if spoken:
        ways.append(_saying([f'"{language}"' for language in spoken]))
    # Words in common count where no model has read it, as in the score.
    if words and not await _is_read(work, read):
        ways.append(_saying(words))
    return ways


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


async def _is_read(work: Work, things: Sequence[tuple[str, Sequence[int]]]) -> bool:
    """Whether a model has read any of these things, each a kind with its ids."""
    of = or_(*((Meaning.kind == kind) & Meaning.subject_id.in_(ids) for kind, ids in things))
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
