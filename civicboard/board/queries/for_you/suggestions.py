"""Problems that need what a person can do: short lists of candidates, each found by an index, and then the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import aliased

from civicboard.board.queries.for_you.candidates import (
    MOST_CANDIDATES,
    PERSON,
    Candidates,
    nearness,
    problems_near,
    weighed,
)
from civicboard.board.queries.for_you.nearby import MOST_WAVED, waved_tags
from civicboard.kit.in_words import hours_in_words
from civicboard.kit.reads import Statement
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Meaning, Waved
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import Able, Wanted
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.asks import has_spoken
from civicboard.matching.queries.homes import Home
from civicboard.matching.queries.meanings import distance
from civicboard.networks.models import Member
from civicboard.networks.queries.apart import unblocked
from civicboard.offers.models import NEED_KINDS, Need, Offer
from civicboard.people.queries import not_blocked
from civicboard.problems.models import STAGES, Problem
from civicboard.skills.queries import find_vocabulary

#: So many of the best are shown.
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A problem that fits a person, with what of it fits (a need, or the problem itself), and why."""

    problem_id: int
    title: str
    slug: str
    stage: str
    place_name: str | None
    what: str
    kind_words: str
    hours: float | None
    where: str
    by: date | None
    at: datetime
    why: tuple[str, ...]
    score: float

    @property
    def path(self) -> str:
        return f"/problems/{self.problem_id}/{self.slug}"

    @property
    def stage_words(self) -> str:
        return STAGES[self.stage]

    @property
    def is_need(self) -> bool:
        """Whether a need of the problem fits, and not only what the problem tells."""
        return self.kind_words != ""

    @property
    def order(self) -> int:
        """When it began to be wanted: microseconds since 1970."""
        return int(self.at.timestamp() * 1_000_000)

    @property
    def hours_words(self) -> str:
        return hours_in_words(self.hours)


_HOME = Home(Problem.place_id, pin=(Problem.latitude, Problem.longitude))
_IDS = bindparam("ids", type_=ARRAY(BigInteger))


def _waved_alike() -> ColumnElement[float]:
    """How near a problem is in meaning to the nearest that the person wanted less of; NULL for nothing."""
    own, other = aliased(Meaning), aliased(Meaning)
    waved = select(Waved.problem_id).where(Waved.person_id == PERSON).order_by(Waved.since.desc()).limit(MOST_WAVED)
    return (
        select(func.max(1 - distance(other.vector, own)))
        .select_from(own)
        .join(other, (other.kind == "problem") & (other.model == own.model))
        .where(own.kind == "problem", own.subject_id == Problem.id, other.subject_id.in_(waved))
        .scalar_subquery()
        .label("waved_alike")
    )


def _rows(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Problems that a person may help with: not theirs, not waved away or stepped out of, and nobody across a block."""
    left = select(Member.person_id).where(
        Member.person_id == PERSON, Member.problem_id == Problem.id, Member.left_at.is_not(None)
    )
    waved = select(Waved.problem_id).where(Waved.person_id == PERSON, Waved.problem_id == Problem.id)
    return _HOME.outerjoins(
        select(
            Problem.id,
            Problem.title,
            Problem.slug,
            Problem.stage,
            Problem.tags,
            *_HOME.columns(),
            _waved_alike(),
            *columns,
        ).where(
            Problem.stage != "sorted",
            Problem.poster_id.is_distinct_from(PERSON),
            unblocked(PERSON, array([Problem.poster_id]), Problem.id),
            ~waved.exists(),
            ~left.exists(),
        )
    ).limit(4 * MOST_CANDIDATES)


def _needs() -> Select[*tuple[Any, ...]]:
    """Open needs that this person has offered nothing for yet, is not asked for, and has not said no to."""
    offered = select(Offer.id).where(Offer.helper_id == PERSON, Offer.need_id == Need.id)
    return (
        _rows(
            Need.what,
            Need.words,
            Need.tags.label("need_tags"),
            Need.kind,
            Need.hours,
            Need.where,
            Need.by,
            Need.added_at.label("at"),
            # As near as the nearer of the two is, like wherever people are found for it; a NULL is passed over.
            func.greatest(nearness("need", Need.id), nearness("problem", Problem.id)).label("alike"),
        )
        .join(Need, Need.problem_id == Problem.id)
        .where(
            Need.state == "open",
            Need.by_id.is_distinct_from(PERSON),
            not_blocked(Need.by_id, PERSON),
            ~offered.exists(),
            ~has_spoken(PERSON),
        )
    )


def _wishes() -> Select[*tuple[Any, ...]]:
    """Problems that say in a line what help they want, without a need of its own."""
    offered = select(Offer.id).where(Offer.helper_id == PERSON, Offer.problem_id == Problem.id)
    return _rows(
        Problem.help_wanted.label("what"),
        (Problem.title + literal(" ") + Problem.story).label("words"),
        Problem.tags.label("need_tags"),
        literal("").label("kind"),
        literal(None, Float).label("hours"),
        literal("").label("where"),
        literal(None, Need.by.type).label("by"),
        Problem.posted_at.label("at"),
        nearness("problem", Problem.id).label("alike"),
    ).where(Problem.help_wanted != "", Problem.need_count == 0, ~offered.exists())


_OPEN = Candidates(Need, "need", Need.state == "open")
# Written out as in the partial index.
_WISHING = Candidates(
    Problem, "problem", Problem.help_wanted != literal_column("''"), Problem.stage != literal_column("'sorted'")
)
_NEEDS, _WISHES = _needs(), _wishes()
_THESE_NEEDS, _THESE_WISHES = (
    Statement(_NEEDS.where(Need.id == any_(_IDS))),
    Statement(_WISHES.where(Problem.id == any_(_IDS))),
)
_NUMBER = bindparam("number", type_=BigInteger)
_NEEDS_OF, _WISH_OF = Statement(_NEEDS.where(Problem.id == _NUMBER)), Statement(_WISHES.where(Problem.id == _NUMBER))


async def suggestions_for(work: Work, able: Able, weights: Weights) -> list[Suggestion]:
    """The problems that fit a person best, each once. Nothing for who has not said what they can do."""
    if not able.has_said:
        return []
    given, near = {"person": able.person_id, "model": able.model}, await problems_near(work, able)
    # First which they are, and then those: in one statement PostgreSQL would rather read all problems of a large board.
    found = [
        *await work.mappings(_THESE_NEEDS, **given, ids=await _OPEN.of(work, able, near)),
        *await work.mappings(_THESE_WISHES, **given, ids=await _WISHING.of(work, able, near)),
    ]
    return (await _best(work, able, found, weights))[:MOST_SHOWN]


async def find_suggestion(work: Work, able: Able, number: int, weights: Weights) -> Suggestion:
    """One problem as a suggestion for a person. Raises Missing if it doesn't fit."""
    given = {"person": able.person_id, "model": able.model, "number": number}
    found = [*await work.mappings(_NEEDS_OF, **given), *await work.mappings(_WISH_OF, **given)]
    best = await _best(work, able, found, weights)
    if not best:
        raise Missing
    return best[0]


async def _best(work: Work, able: Able, found: Sequence[Mapping[str, Any]], weights: Weights) -> list[Suggestion]:
    """The best that each problem has for a person, the best problem first."""
    vocabulary, waved = await find_vocabulary(work), await waved_tags(work, able)
    best: dict[int, Suggestion] = {}
    for row in found:
        wanted = Wanted(
            what=row["what"],
            text=f"{row['what']} {row['words']}",
            means=wording.meant(row["need_tags"], row["what"], vocabulary),
            kind=row["kind"] or "skill",
            where=row["where"],
            hours=row["hours"],
            spot=_HOME.spot(row),
            place=row["lives"] or "",
        )
        fits = weighed(work, able, wanted, row, waved, weights, by=row["by"])
        number = row["id"]
        if fits is None or (number in best and best[number].score >= fits.score):
            continue
        best[number] = Suggestion(
            number, row["title"], row["slug"], row["stage"], row["lives"], row["what"],
            NEED_KINDS.get(row["kind"], ""), row["hours"], row["where"], row["by"], row["at"], fits.why, fits.score,
        )  # fmt: skip
    return sorted(best.values(), key=lambda one: (-one.score, -one.problem_id))
