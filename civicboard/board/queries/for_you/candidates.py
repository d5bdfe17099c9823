"""What may be for a person: short lists of ids, each found by an index, which are read and scored after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, any_, func, literal, select, union
from sqlalchemy.orm import aliased

from civicboard.matching.models import Meaning
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import Able
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.networks.queries.apart import numbers
from civicboard.offers.models import Need
from civicboard.problems.models import Problem

#: So many candidates of each way are scored. No more than an index of meanings gives at a time (``hnsw.ef_search``).
MOST_CANDIDATES = 100
#: Words that a person is searched by; with more it would take long. Languages and tags come first.
MOST_WORDS = 40


def any_word_of(able: Able) -> ColumnElement[Any]:
    """The search for whatever has one of a person's tags, languages or words."""
    return _any_of(_quoted(word) for word in (*able.languages, *able.synonyms, *wording.telling(able.said)))


def _any_known_of(able: Able) -> ColumnElement[Any]:
    """The search for whatever wants one of their languages, of their tags, or of the things they lend.

    The tags and things only where it says in a line or in tags what is wanted (the weights A and B of ``search``): told
    in passing they count for nothing, once a model has read both (``scoring.may_fit``).
    """
    wanted = (*able.synonyms, *wording.telling(able.lent))
    return _any_of([*map(_quoted, able.languages), *(f"{_quoted(word)}:AB" for word in wanted)])


def _quoted(words: str) -> str:
    """As a search has it: what has several words is one thing, said in this order. The point: it may not be empty."""
    return "'{}.'".format(words.replace("\\", " ").replace("'", "''"))


def _any_of(phrases: Iterable[str]) -> ColumnElement[Any]:
    return func.to_tsquery("civic", " | ".join(list(dict.fromkeys(phrases))[:MOST_WORDS]))


def nearness(able: Able, kind: str, subject: Any) -> ColumnElement[float]:
    """How near the meaning of a thing is to what a person can do; NULL where no model has read both."""
    if not able.model:
        return literal(None, Float)
    theirs = aliased(Meaning)
    return (
        select(1 - distance(_own(able), theirs))
        .where(theirs.kind == kind, theirs.subject_id == subject, theirs.model == able.model)
        .scalar_subquery()
    )


def nearest(able: Able, kind: str) -> Select[*tuple[int]]:
    """The ids of what is nearest in meaning to a person, of one kind: the kind's own index has them in order."""
    return (
        select(Meaning.subject_id)
        .where(of_kind(kind), Meaning.model == able.model)
        .order_by(distance(_own(able)))
        .limit(MOST_CANDIDATES)
    )


def _own(able: Able) -> ColumnElement[Any]:
    """What a person can do, as a vector: PostgreSQL looks it up once for a statement."""
    mine = aliased(Meaning)
    return select(mine.vector).where(mine.kind == "person", mine.subject_id == able.person_id).scalar_subquery()


def candidates(
    able: Able, table: type[Need | Problem], kind: str, near: Sequence[int], *conditions: ColumnElement[bool]
) -> Any:
    """The ids of candidates: by tags and by words the newest, by meaning the nearest.

    ``near`` are the ids of the problems nearest in meaning: a need may be nearer by what its problem tells.
    """

    def newest(*wanted: ColumnElement[bool]) -> Any:
        found = select(table.id).where(*wanted, *conditions).order_by(table.id.desc()).limit(MOST_CANDIDATES)
        return select(found.subquery().c.id)

    by_words = table.search.op("@@")(any_word_of(able))
    if not able.model:
        return newest(by_words)
    # What has come since the model read its last is known by its words until it has read that too.
    read = select(func.coalesce(func.max(Meaning.subject_id), 0)).where(Meaning.kind == kind).scalar_subquery()
    ways = [newest(table.search.op("@@")(_any_known_of(able))), newest(by_words, table.id > read)]
    if table is Need:
        ways.append(select(nearest(able, kind).subquery().c.subject_id))
    of = Need.problem_id if table is Need else Problem.id
    ways.append(select(table.id).where(of == any_(numbers(near)), *conditions))
    return union(*ways)
