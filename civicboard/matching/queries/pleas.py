"""What people are asked, to be changed: each locked in the order in which everybody locks."""

from __future__ import annotations

from sqlalchemy import select

from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Plea
from civicboard.networks.models import Member
from civicboard.offers.models import Need
from civicboard.offers.queries import find_need_to_change
from civicboard.people.models import Person
from civicboard.problems.models import Problem


async def find_plea_to_change(work: Work, plea_id: int) -> tuple[Plea, Need, Problem]:
    """An ask with its need and problem, all locked: the problem first, as everywhere. Raises Missing."""
    need_id = await work.session.scalar(select(Plea.need_id).where(Plea.id == plea_id))
    if need_id is None:
        raise Missing
    need, problem = await find_need_to_change(work, need_id)
    found = await work.session.execute(
        select(Plea).where(Plea.id == plea_id).with_for_update().execution_options(populate_existing=True)
    )
    plea = found.scalar_one_or_none()
    if plea is None:
        raise Missing
    return plea, need, problem


async def find_plea_for(work: Work, need_id: int, person_id: int) -> Plea | None:
    """What somebody was asked for a need, locked; None when they were not."""
    found = await work.session.execute(
        select(Plea).where(Plea.need_id == need_id, Plea.person_id == person_id).with_for_update()
    )
    return found.scalar_one_or_none()


async def standing_pleas(work: Work, *, problem_id: int, need_id: int | None = None) -> list[Plea]:
    """The asks for a need, or for all of a problem's, that nobody has answered, locked in their order."""
    wanted = (
        select(Plea)
        .join(Need, Need.id == Plea.need_id)
        .where(Need.problem_id == problem_id, Plea.state.in_(("waiting", "asked")))
        .order_by(Plea.id)
        .with_for_update(of=Plea)
    )
    if need_id is not None:
        wanted = wanted.where(Plea.need_id == need_id)
    return list(await work.session.scalars(wanted))


async def has_passed_on(work: Work, plea_id: int) -> bool:
    """Whether an ask was passed on already."""
    return await work.session.scalar(select(Plea.id).where(Plea.passed_on_from_id == plea_id).limit(1)) is not None


async def introducer_of(work: Work, plea: Plea) -> int | None:
    """Who passed an ask on to its person; None where nobody did."""
    if plea.passed_on_from_id is None:
        return None
    found: int | None = await work.session.scalar(select(Plea.person_id).where(Plea.id == plea.passed_on_from_id))
    return found


async def is_member(work: Work, problem_id: int, person_id: int) -> bool:
    """Whether somebody is among the people round a problem already."""
    found = await work.session.scalar(
        select(Member.person_id).where(
            Member.problem_id == problem_id, Member.person_id == person_id, Member.left_at.is_(None)
        )
    )
    return found is not None


async def quiet_ask_stands(work: Work, need_id: int) -> bool:
    """Whether somebody whom the viewer asked for a need without a name has not answered yet."""
    found = await work.session.scalar(
        select(Plea.id)
        .where(Plea.need_id == need_id, Plea.by_id == work.viewer.id, ~Plea.named)
        .where(Plea.state.in_(("waiting", "asked")), Plea.passed_on_from_id.is_(None))
        .limit(1)
    )
    return found is not None


async def find_need_of_ask(work: Work, plea_id: int) -> int:
    """The need for which the viewer has asked somebody. Raises Missing."""
    found: int | None = await work.session.scalar(
        select(Plea.need_id).where(Plea.id == plea_id, Plea.by_id == work.viewer.id)
    )
    if found is None:
        raise Missing
    return found


async def find_person_called(work: Work, handle: str) -> int | None:
    """The id of whoever has this handle, with or without an @; its case doesn't count."""
    found: int | None = await work.session.scalar(
        select(Person.id).where(Person.handle == handle.strip().removeprefix("@").lower())
    )
    return found
