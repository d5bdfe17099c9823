"""Problems that need what a person can do: short lists of candidates, each found by an index, and then the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, any_, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from civicboard.board.policy import like_waved, worth
from civicboard.board.queries.for_you.candidates import MOST_CANDIDATES, candidates, nearest, nearness
from civicboard.board.queries.for_you.nearby import MOST_WAVED, waved_tags
from civicboard.kit.in_words import hours_in_words
from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Meaning, Waved
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import Able, Wanted
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.asks import has_spoken
from civicboard.matching.queries.homes import Home
from civicboard.matching.queries.meanings import distance
from civicboard.networks.queries.apart import numbers, unblocked
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


def _rows(able: Able, home: Home) -> Select[*tuple[Any, ...]]:
    return home.outerjoins(
        select(
            Problem.id,
            Problem.title,
            Problem.slug,
            Problem.stage,
            Problem.tags,
            *home.columns(),
            _waved_alike(able),
        ).where(
            Problem.stage != "sorted",
            Problem.poster_id.is_distinct_from(able.person_id),
            unblocked(able.person_id, array([Problem.poster_id]), Problem.id),
            ~select(Waved.problem_id).where(Waved.person_id == able.person_id, Waved.problem_id == Problem.id).exists(),
        )
    )


def _needs(able: Able, home: Home) -> Select[*tuple[Any, ...]]:
    """Open needs that this person has offered nothing for yet, is not asked for, and has not said no to."""
    offered = select(Offer.id).where(Offer.helper_id == able.person_id, Offer.need_id == Need.id)
    return (
        _rows(able, home)
        .add_columns(
            Need.what,
            Need.words,
            Need.tags.label("need_tags"),
            Need.kind,
            Need.hours,
            Need.where,
            Need.by,
            Need.added_at.label("at"),
            # As near as the nearer of the two is, like wherever people are found for it; a NULL is passed over.
            func.greatest(nearness(able, "need", Need.id), nearness(able, "problem", Problem.id)).label("alike"),
        )
        .join(Need, Need.problem_id == Problem.id)
        .where(
            Need.state == "open",
            Need.by_id.is_distinct_from(able.person_id),
            not_blocked(Need.by_id, able.person_id),
            ~offered.exists(),
            ~has_spoken(able.person_id),
        )
    )


def _wishes(able: Able, home: Home) -> Select[*tuple[Any, ...]]:
    """Problems that say in a line what help they want, without a need of its own."""
    offered = select(Offer.id).where(Offer.helper_id == able.person_id, Offer.problem_id == Problem.id)
    return (
        _rows(able, home)
        .add_columns(
            Problem.help_wanted.label("what"),
            (Problem.title + literal(" ") + Problem.story).label("words"),
            Problem.tags.label("need_tags"),
            literal("").label("kind"),
            literal(None, Float).label("hours"),
            literal("").label("where"),
            literal(None, Need.by.type).label("by"),
            Problem.posted_at.label("at"),
            nearness(able, "problem", Problem.id).label("alike"),
        )
        .where(Problem.help_wanted != "", Problem.need_count == 0, ~offered.exists())
    )


def _waved_alike(able: Able) -> ColumnElement[float]:
    """How near a problem is in meaning to the nearest that the person wanted less of; NULL for nothing."""
    own, other = aliased(Meaning), aliased(Meaning)
    return (
        select(func.max(1 - distance(other.vector, own)))
        .select_from(own)
        .join(other, (other.kind == "problem") & (other.model == own.model))
        .where(
            own.kind == "problem",
            own.subject_id == Problem.id,
            other.subject_id.in_(
                select(Waved.problem_id)
                .where(Waved.person_id == able.person_id)
                .order_by(Waved.since.desc())
                .limit(MOST_WAVED)
            ),
        )
        .scalar_subquery()
        .label("waved_alike")
    )


async def suggestions_for(work: Work, able: Able, weights: Weights) -> list[Suggestion]:
    """The problems that fit a person best, each once. Nothing for who has not said what they can do."""
    if not able.has_said:
        return []
    home = _home()
    near = list(await work.session.scalars(nearest(able, "problem"))) if able.model else []
    needs = candidates(able, Need, "need", near, Need.state == "open")
    # Written out as in the partial index.
    wishing = (Problem.help_wanted != literal_column("''"), Problem.stage != literal_column("'sorted'"))
    wishes = candidates(able, Problem, "problem", near, *wishing)
    # First which they are, and then those: in one statement PostgreSQL would rather read all problems of a large board.
    found = [
        *await _read(work, _needs(able, home).where(Need.id == any_(numbers(await work.session.scalars(needs))))),
        *await _read(work, _wishes(able, home).where(Problem.id == any_(numbers(await work.session.scalars(wishes))))),
    ]
    return (await _best(work, able, home, found, weights))[:MOST_SHOWN]


async def find_suggestion(work: Work, able: Able, number: int, weights: Weights) -> Suggestion:
    """One problem as a suggestion for a person. Raises Missing if it doesn't fit."""
    home = _home()
    found = [
        *await _read(work, _needs(able, home).where(Problem.id == number)),
        *await _read(work, _wishes(able, home).where(Problem.id == number)),
    ]
    best = await _best(work, able, home, found, weights)
    if not best:
        raise Missing
    return best[0]


def _home() -> Home:
    return Home(Problem.place_id, pin=(Problem.latitude, Problem.longitude))


async def _read(work: Work, rows: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    return (await work.session.execute(rows.limit(4 * MOST_CANDIDATES))).mappings().all()


async def _best(work: Work, able: Able, home: Home, found: Sequence[Any], weights: Weights) -> list[Suggestion]:
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
            spot=home.spot(row),
            place=row["lives"] or "",
        )
        fits = worth(
            able,
            wanted,
            row["alike"],
            weights=weights,
            now=work.now,
            by=row["by"],
            age_days=max(0.0, (work.now - row["at"]).total_seconds() / 86400),
            waved=like_waved(row["tags"], waved, row["waved_alike"]),
        )
        number = row["id"]
        if fits is None or (number in best and best[number].score >= fits.score):
            continue
        best[number] = Suggestion(
            number, row["title"], row["slug"], row["stage"], row["lives"], row["what"],
            NEED_KINDS.get(row["kind"], ""), row["hours"], row["where"], row["by"], row["at"], fits.why, fits.score,
        )  # fmt: skip
    return sorted(best.values(), key=lambda one: (-one.score, -one.problem_id))
