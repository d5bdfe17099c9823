"""Who may watch which topic: the only list of audiences, each asked anew at every connection."""

from __future__ import annotations

from civicboard.kit.hub import Hub
from civicboard.kit.socket import Audience, Seat
from civicboard.kit.work import Missing, Work
from civicboard.networks.events import MemberChanged, MemberLeft
from civicboard.networks.queries import find_circle, find_part
from civicboard.notices.fragments import unread
from civicboard.notices.queries import count_unread
from civicboard.problems.queries import find_problem


async def watch_board(work: Work, name: str) -> Seat | None:
    return Seat() if not name else None


async def watch_problem(work: Work, name: str) -> Seat | None:
    """Everybody may watch a problem; who is involved in it, and doesn't mind, is shown there by name."""
    if not (name.isascii() and name.isdigit() and len(name) < 18):
        return None
    try:
        await find_problem(work, int(name))
    except Missing:
        return None
    part = await find_part(work, int(name))
    return Seat(part.name if part is not None and part.shows_presence else "")


async def watch_network(work: Work, name: str) -> Seat | None:
    """Everybody may watch who is round a problem; ``7:members`` is for those who read their thread."""
    number, _, circle = name.partition(":")
    seat = await watch_problem(work, number)
    if seat is None or not circle:
        return seat if ":" not in name else None
    if circle != "members":
        return None
    try:
        await find_circle(work, int(number))
    except Missing:
        return None
    return Seat(seat.shown_as, private=True)


async def watch_person(work: Work, name: str) -> Seat | None:
    """What is one person's own: for a session of theirs and nobody else's."""
    if work.viewer.id is None or name != str(work.viewer.id):
        return None
    return Seat(counted=False, greeting=[unread(await count_unread(work, work.viewer.id))])


async def watch_for_you(work: Work, name: str) -> Seat | None:
    """What is new for one person, on their own page of it; without a name, what all such pages are told alike."""
    mine = work.viewer.id is not None and name in ("", str(work.viewer.id))
    return Seat(counted=False) if mine else None


AUDIENCES: dict[str, Audience] = {
    "board": watch_board,
    "problem": watch_problem,
    "network": watch_network,
    "person": watch_person,
    "for-you": watch_for_you,
}


def heed_members(hub: Hub) -> None:
    """Whoever leaves a network, or has another part in it, is no longer told or shown what went with the old one."""

    def ask_anew(event: MemberChanged | MemberLeft) -> None:
        hub.unseat(f"network:{event.problem_id}:members", event.person_id)

    def hide(event: MemberLeft) -> None:
        for topic in (f"problem:{event.problem_id}", f"network:{event.problem_id}"):
            hub.hide_name(event.person_id, on=topic)

    hub.on(MemberChanged, ask_anew)
    hub.on(MemberLeft, ask_anew)
    hub.on(MemberLeft, hide)
