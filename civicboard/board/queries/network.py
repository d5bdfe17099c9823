"""What the page of the people round a problem gathers: what has been done together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select, union_all

from civicboard.kit.work import Work
from civicboard.networks.models import Convening, Member
from civicboard.offers.models import Need, Offer
from civicboard.people.models import Person
from civicboard.posts.models import Post
from civicboard.problems.models import STAGES, Problem
from civicboard.progress.models import StageChange

#: The most of what was done that the page tells.
MOST_DONE = 30


@dataclass(frozen=True, slots=True)
class DoneRow:
    """One thing that was done for a problem.

    ``kind`` is posted, joined, convening, welcomed, given, met, update or stage.
    ``name`` and ``handle`` are empty for a need that is met: several may have had a part in that.
    """

    kind: str
    id: int
    at: datetime
    name: str
    handle: str
    words: str

    @property
    def stage_words(self) -> str:
        return STAGES[self.words]


async def done_on(work: Work, number: int) -> list[DoneRow]:
    """What the people of a problem have done together, the newest first: so many as fit on a page."""

    def newest(kind: str, rows: Select[*tuple[Any, ...]], at: Any) -> Any:
        """The last of one kind, so that no kind is read further back than the page goes."""
        return select(rows.add_columns(literal(kind)).order_by(at.desc()).limit(MOST_DONE).subquery())

    told = (Person.name, Person.handle)
    every = union_all(
        newest(
            "posted",
            select(Problem.id, Problem.posted_at, *told, literal(""))
            .join(Person, Person.id == Problem.poster_id)
            .where(Problem.id == number),
            Problem.posted_at,
        ),
        newest(
            "joined",
            select(Member.person_id, Member.joined_at, *told, literal(""))
            .join(Person, Person.id == Member.person_id)
            .join(Problem, Problem.id == Member.problem_id)
            .where(
                Member.problem_id == number,
                Member.left_at.is_(None),
                Member.person_id.is_distinct_from(Problem.poster_id),
            ),
            Member.joined_at,
        ),
        newest(
            "convening",
            select(Convening.id, Convening.began_at, *told, literal(""))
            .join(Person, Person.id == Convening.person_id)
            .where(Convening.problem_id == number, Convening.began_at.is_not(None)),
            Convening.id,
        ),
        newest(
            "welcomed",
            select(Offer.id, Offer.answered_at, *told, Offer.what)
            .join(Person, Person.id == Offer.helper_id)
            # Also what was taken back since: it was welcome, and that has happened.
            .where(
                Offer.problem_id == number,
                or_(
                    Offer.state.in_(("welcomed", "ended")),
                    and_(Offer.state == "withdrawn", Offer.answered_at.is_not(None)),
                ),
            ),
            Offer.id,
        ),
        newest(
            "given",
            select(Offer.id, Offer.ended_at, *told, Offer.what)
            .join(Person, Person.id == Offer.helper_id)
            .where(Offer.problem_id == number, Offer.state == "ended", Offer.done),
            Offer.ended_at,
        ),
        newest(
            "met",
            select(Need.id, Need.settled_at, literal(""), literal(""), Need.what).where(
                Need.problem_id == number, Need.state == "met"
            ),
            Need.settled_at,
        ),
        newest(
            "update",
            select(Post.id, Post.posted_at, *told, Post.words)
            .join(Person, Person.id == Post.author_id)
            .where(Post.problem_id == number, Post.kind == "update"),
            Post.id,
        ),
        newest(
            "stage",
            select(StageChange.id, StageChange.changed_at, *told, StageChange.to_stage)
            .join(Person, Person.id == StageChange.by_id)
            .where(StageChange.problem_id == number),
            StageChange.id,
        ),
    )
    found = [
        DoneRow(kind, number, at, name, handle, words)
        for number, at, name, handle, words, kind in await work.session.execute(every)
        if at is not None
    ]
    # Whoever was welcomed joined with that.
    came = {(row.handle, row.at) for row in found if row.kind == "welcomed"}
    found = [row for row in found if row.kind != "joined" or (row.handle, row.at) not in came]
    return sorted(found, key=lambda row: (row.at, row.kind, row.id), reverse=True)[:MOST_DONE]
