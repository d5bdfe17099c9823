"""What people are asked, to be changed: each locked in the order in which everybody locks."""

from __future__ import annotations

from sqlalchemy import select

from civicboard.kit.work import Missing, Work
from civicboard.matching.models import Ask
from civicboard.matching.policy import asking
from civicboard.networks.models import Member
from civicboard.offers.models import Need
from civicboard.offers.queries import find_need_to_change
from civicboard.people.models import Person
from civicboard.problems.models import Problem


async def find_ask_to_change(work: Work, ask_id: int) -> tuple[Ask, Need, Problem]:
    """An ask with its need and problem, all locked: the problem first, as everywhere. Raises Missing."""
    need_id = await work.session.scalar(select(Ask.need_id).where(Ask.id == ask_id))
    if need_id is None:
        raise Missing
    need, problem = await find_need_to_change(work, need_id)
    found = await work.session.execute(
        select(Ask).where(Ask.id == ask_id).with_for_update().execution_options(populate_existing=True)
    )
    ask = found.scalar_one_or_none()
    if ask is None:
        raise Missing
    return ask, need, problem


async def find_ask_for(work: Work, need_id: int, person_id: int) -> Ask | None:
    """What somebody was asked for a need, locked; None when they were not, or it was called off."""
    found = await work.session.execute(
        select(Ask)
        .where(Ask.need_id == need_id, Ask.person_id == person_id, Ask.state != "called_off")
        .with_for_update()
    )
    return found.scalar_one_or_none()


async def standing_asks(work: Work, *, problem_id: int, need_id: int | None = None) -> list[Ask]:
    """The asks for a need, or for all of a problem's, that nobody has answered, locked in their order."""
    wanted = (
        select(Ask)
        .join(Need, Need.id == Ask.need_id)
        .where(Need.problem_id == problem_id, Ask.state.in_(asking.STANDING))
        .order_by(Ask.id)
        .with_for_update(of=Ask)
    )
    if need_id is not None:
        wanted = wanted.where(Ask.need_id == need_id)
    return list(await work.session.scalars(wanted))


async def has_passed_on(work: Work, ask_id: int) -> bool:
    """Whether an ask was passed on already."""
    return await work.session.scalar(select(Ask.id).where(Ask.passed_on_from_id == ask_id).limit(1)) is not None


async def introducer_of(work: Work, ask: Ask) -> int | None:
    """Who passed an ask on to its person, for everybody to read; None where nobody did.

    Nor where they were asked without a name themselves: that stays with them, and so does whom they thought of.
    """
    if ask.passed_on_from_id is None:
        return None
    before = select(Ask.person_id).where(Ask.id == ask.passed_on_from_id, Ask.named)
    found: int | None = await work.session.scalar(before)
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
        select(Ask.id)
        .where(Ask.need_id == need_id, Ask.by_id == work.viewer.id, ~Ask.named)
        .where(Ask.state.in_(asking.STANDING), Ask.passed_on_from_id.is_(None))
        .limit(1)
    )
    return found is not None


async def find_need_of_ask(work: Work, ask_id: int) -> int:
    """The need for which the viewer has asked somebody. Raises Missing."""
    found: int | None = await work.session.scalar(
        select(Ask.need_id).where(Ask.id == ask_id, Ask.by_id == work.viewer.id)
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
