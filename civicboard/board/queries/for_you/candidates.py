"""What may be for a person: short lists of ids, each found by an index, which are read and scored after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, any_, bindparam, func, select, union
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from civicboard.board.policy import Worth, like_waved, worth
from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import Able, Wanted
from civicboard.matching.policy.scoring import ALIKE, Weights
from civicboard.matching.queries.meanings import distance, of_kind
from civicboard.offers.models import Need
from civicboard.problems.models import Problem

#: So many candidates of each way are scored. No more than an index of meanings gives at a time (``hnsw.ef_search``).
MOST_CANDIDATES = 100
#: Words that a person is searched by; with more it would take long. Languages and tags come first.
MOST_WORDS = 40

#: The parameters of every statement about what is for one person, with ``values_of``.
PERSON, MODEL = bindparam("person", type_=BigInteger), bindparam("model", type_=Text)
SYNONYMS = bindparam("synonyms", type_=ARRAY(Text))
#: The search for whatever has one of their tags, languages or words.
SAID = func.to_tsquery("civic", bindparam("said", type_=Text))
#: The search for whatever wants one of their languages, of their tags, or of the things they lend: the latter two only
#: where it says in a line or in tags what is wanted (the weights A and B of ``search``). Told in passing they count for
#: nothing, once a model has read both (``scoring.may_fit``).
_KNOWN = func.to_tsquery("civic", bindparam("known", type_=Text))
_NEAR = bindparam("near", type_=ARRAY(BigInteger))


def values_of(able: Able) -> dict[str, object]:
    """The values of those parameters."""
    said = map(_quoted, (*able.languages, *able.synonyms, *wording.telling(able.said)))
    wanted = map(_quoted, (*able.synonyms, *wording.telling(able.lent)))
    return {
        "person": able.person_id,
        "model": able.model,
        "synonyms": list(able.synonyms),
        "said": _any_of(said),
        "known": _any_of([*map(_quoted, able.languages), *(f"{one}:AB" for one in wanted)]),
    }


def _quoted(words: str) -> str:
    """As a search has it: what has several words is one thing, said in this order. The point: it may not be empty."""
    return "'{}.'".format(words.replace("\\", " ").replace("'", "''"))


def _any_of(phrases: Iterable[str]) -> str:
    return " | ".join(list(dict.fromkeys(phrases))[:MOST_WORDS])


def _own() -> ColumnElement[Any]:
    """What the person can do, as a vector: PostgreSQL looks it up once for a statement."""
    mine = aliased(Meaning)
    return select(mine.vector).where(mine.kind == "person", mine.subject_id == PERSON).scalar_subquery()


def nearness(kind: str, subject: Any) -> ColumnElement[float]:
    """How near the meaning of a thing is to what the person can do; NULL where no model has read both."""
    theirs = aliased(Meaning)
    return (
        select(1 - distance(_own(), theirs))
        .where(theirs.kind == kind, theirs.subject_id == subject, theirs.model == MODEL)
        .scalar_subquery()
    )


def nearest(kind: str) -> Select[*tuple[int]]:
    """The ids of what is nearest in meaning to the person, of one kind: the kind's own index has them in order."""
    return (
        select(Meaning.subject_id)
        .where(of_kind(kind), Meaning.model == MODEL)
        .order_by(distance(_own()))
        .limit(MOST_CANDIDATES)
    )


_NEAREST_PROBLEMS = Statement(nearest("problem"))


async def problems_near(work: Work, able: Able) -> list[int]:
    """The ids of the problems that are nearest in meaning to what a person can do."""
    if not able.model:
        return []
    found = await work.fetch(_NEAREST_PROBLEMS, person=able.person_id, model=able.model)
    return [number for (number,) in found]


def weighed(
    work: Work,
    able: Able,
    wanted: Wanted,
    row: Mapping[str, Any],
    waved: Sequence[frozenset[str]],
    weights: Weights,
    *,
    by: date | None = None,
    least: float = ALIKE,
) -> Worth | None:
    """What a row is worth to the person (``board.policy.worth``): since when, of which tags, and how alike.

    ``waved`` are the tags of what they wanted less of.
    """
    return worth(
        able,
        wanted,
        row["alike"],
        weights=weights,
        now=work.now,
        by=by,
        age_days=max(0.0, (work.now - row["at"]).total_seconds() / 86400),
        waved=like_waved(row["tags"], waved, row.get("waved_alike")),
        least=least,
    )


class Candidates:
    """The statements that find needs, or problems that say in a line what would help."""

    def __init__(self, table: type[Need | Problem], kind: str, *conditions: ColumnElement[bool]) -> None:
        def newest(*wanted: ColumnElement[bool]) -> Any:
            found = select(table.id).where(*wanted, *conditions).order_by(table.id.desc()).limit(MOST_CANDIDATES)
            return select(found.subquery().c.id)

        by_words = table.search.op("@@")(SAID)
        # What has come since the model read its last is known by its words until it has read that too.
        last = func.coalesce(func.max(Meaning.subject_id), 0)
        read = select(last).where(Meaning.kind == kind, Meaning.model == MODEL).scalar_subquery()
        ways = [newest(table.search.op("@@")(_KNOWN)), newest(by_words, table.id > read)]
        if table is Need:
            ways.append(select(nearest(kind).subquery().c.subject_id))
        # A need may be nearer by what its problem tells.
        of = Need.problem_id if table is Need else Problem.id
        ways.append(select(table.id).where(of == any_(_NEAR), *conditions))
        self._with_a_model, self._by_words = Statement(union(*ways)), Statement(newest(by_words))

    async def of(self, work: Work, able: Able, near: list[int]) -> list[int]:
        """The ids: by tags and by words the newest, by meaning the nearest. ``near`` are ``problems_near``."""
        statement = self._with_a_model if able.model else self._by_words
        return [number for (number,) in await work.fetch(statement, **values_of(able), near=near)]
