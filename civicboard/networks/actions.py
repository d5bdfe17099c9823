"""Joining the people round a problem."""

from __future__ import annotations

from sqlalchemy import Boolean, func, literal_column
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work
from civicboard.networks.models import Member
from civicboard.problems.models import Problem

#: Whether an upsert made the row, and not a change to one that was there: a new row has never been locked or changed.
IS_NEW = literal_column("(members.xmax = 0)", Boolean)


async def take_part(
    work: Work, problem: Problem, person_id: int, *, part: str, brings: str = "", introduced_by_id: int | None = None
) -> None:
    """Count a person among those round ``problem``, which the caller holds locked.

    The poster is in it from the start and needs no row. A talker becomes a helper; a helper stays one, and what
    they bring grows by a second offer. ``introduced_by_id`` is who passed the question on to them.
    """
    if person_id == problem.poster_id and part == "talker":
        return
    row = insert(Member).values(
        problem_id=problem.id,
        person_id=person_id,
        part=part,
        brings=brings,
        joined_at=work.now,
        introduced_by_id=introduced_by_id,
    )
    introduced = func.coalesce(Member.introduced_by_id, row.excluded.introduced_by_id)
    joined = func.concat_ws("; ", func.nullif(Member.brings, ""), row.excluded.brings)
    added = await work.session.execute(
        (
            row.on_conflict_do_update(
                index_elements=[Member.problem_id, Member.person_id],
                set_={"part": "helper", "brings": joined, "introduced_by_id": introduced},
            )
            if part == "helper"
            else row.on_conflict_do_nothing()
        ).returning(IS_NEW)
    )
    if added.scalar():
        problem.member_count += 1


async def step_back(work: Work, problem: Problem, person_id: int, *, brings: str) -> None:
    """What a person brought is no longer brought: without anything left they are a talker again."""
    member = await work.session.get(Member, (problem.id, person_id), with_for_update=True)
    if member is None or member.part != "helper":
        return
    left = [part for part in member.brings.split("; ") if part]
    if brings in left:
        left.remove(brings)
    member.brings = "; ".join(left)
    if not left:
        member.part = "talker"
