"""Who is round a problem, what they may read and write there, and in which words it is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from civicboard.kit.in_words import listed
from civicboard.kit.viewer import Viewer

#: How long a post to the members can be edited. After it, what was said to few stands as it was said.
EDITS_FOR = timedelta(minutes=15)
#: How long somebody who stepped out can undo it.
UNDO_FOR = timedelta(hours=1)

#: In which capacity somebody has spoken, with the words people read.
CAPACITIES: dict[str, str] = {
    "neighbour": "as a neighbour",
    "professional": "sharing professional knowledge",
    "official": "officially",
}


def capacity_words(capacities: Sequence[str]) -> str:
    """``"as a neighbour and sharing professional knowledge"``; empty for who has not spoken."""
    return listed([words for key, words in CAPACITIES.items() if key in capacities])


def has_a_part(part: str | None, *, has_poster: bool = True) -> bool:
    """Whether this part, None for none, is one of those who do something: the poster, or who was welcomed.

    The private thread is theirs. Whoever only talks does so in the open, where everybody can answer. Where nobody here
    posted the problem, everybody who offers help joins in unasked as long as nobody looks after it: those whom nobody
    has let in can't be told from the others, so nothing there is kept from anybody.
    """
    return has_poster and part in ("poster", "helper")


def may_join_in(viewer: Viewer) -> bool:
    return viewer.signed_in


def may_step_out(viewer: Viewer, poster_id: int | None) -> bool:
    """Anybody at any time, but not of a problem that is their own: it would have nobody to answer for it."""
    return viewer.signed_in and viewer.id != poster_id


def may_undo(left_at: datetime | None, now: datetime) -> bool:
    """Whether who stepped out then can be in again, as before, by themselves."""
    return left_at is not None and now - left_at < UNDO_FOR


def may_edit(viewer: Viewer, author_id: int) -> bool:
    return viewer.signed_in and viewer.id == author_id


def in_time_to_edit(posted_at: datetime, now: datetime) -> bool:
    return now - posted_at < EDITS_FOR


def may_speak_for(*, has_a_part: bool) -> bool:
    """Say that a network stays together, and what it is called: any of those who have a part in it."""
    return has_a_part


def may_invite(viewer: Viewer, poster_id: int | None) -> bool:
    """Ask another network along: for the poster of a problem to do."""
    return viewer.signed_in and viewer.id == poster_id


#: For how long somebody looks after a problem, from the start and from each renewal.
CONVENES_FOR = timedelta(days=30)
#: So long before the end they are asked whether they go on.
REMINDED_BEFORE = timedelta(days=3)
#: How long a question to somebody waits for an answer; and how long it rests when it came to nothing.
QUESTION_WAITS = timedelta(days=7)


def may_convene(viewer: Viewer, *, involved: bool, poster_id: int | None) -> bool:
    """Look after a problem: anyone who has to do with it, whoever they are. Who posted it needs no such role."""
    return viewer.signed_in and involved and viewer.id != poster_id


def needs_the_posters_yes(poster_id: int | None, *, named_by_id: int | None = None) -> bool:
    """Whether who posted a problem must agree before somebody else looks after it; they have, to whom they named."""
    return poster_id is not None and named_by_id != poster_id


def convenes(viewer: Viewer, convenor_id: int | None) -> bool:
    """Whether the viewer looks after the problem: they may renew that, hand it on, or put it down."""
    return viewer.signed_in and viewer.id == convenor_id


def may_name(viewer: Viewer, *, poster_id: int | None, convenor_id: int | None) -> bool:
    """Ask one of the people to look after a problem: who does so now; while nobody does, who posted it."""
    return viewer.signed_in and viewer.id == (convenor_id if convenor_id is not None else poster_id)


def waits_for(*, person_id: int, named_by_id: int | None, is_agreed: bool, poster_id: int | None) -> int | None:
    """Whose yes a convening waits for: of who was named, then of who posted the problem."""
    return person_id if named_by_id is not None and not is_agreed else poster_id


class Asking:
    """Who asks whom, as the rows of questions know it."""

    __slots__ = ()

    person_id: int
    named_by_id: int | None
    is_agreed: bool
    poster_id: int | None

    @property
    def awaited_id(self) -> int | None:
        """Whose yes it waits for, or did."""
        return waits_for(
            person_id=self.person_id,
            named_by_id=self.named_by_id,
            is_agreed=self.is_agreed,
            poster_id=self.poster_id,
        )

    @property
    def is_to_who_is_named(self) -> bool:
        return self.awaited_id == self.person_id

    @property
    def asker_ids(self) -> tuple[int | None, ...]:
        """Who have asked, wait for that answer, and may take the question back."""
        return (self.named_by_id,) if self.is_to_who_is_named else (self.person_id, self.named_by_id)


def may_say(viewer: Viewer, awaited_id: int | None) -> bool:
    """Say yes or not now: who is asked, and nobody else finds the question."""
    return viewer.signed_in and viewer.id == awaited_id


def is_over(ends_at: datetime | None, now: datetime) -> bool:
    return ends_at is not None and ends_at <= now


def is_nearly_over(ends_at: datetime | None, now: datetime) -> bool:
    return ends_at is not None and ends_at - REMINDED_BEFORE <= now


def has_waited_in_vain(asked_at: datetime, now: datetime) -> bool:
    return now - asked_at >= QUESTION_WAITS


class Past(NamedTuple):
    """A question about one person's looking after one problem that lately came to nothing."""

    named_by_id: int | None
    is_agreed: bool
    how: str
    #: Whether nobody was asked, since others had asked them lately.
    is_quiet: bool


def rest_after(past: Iterable[Past], *, named_by_id: int | None) -> str:
    """What becomes of asking again about the same person, of who names them (None: of who comes forward).

    ``declined`` or ``rests`` where the viewer's own question came to that; ``quiet`` where another's did, so that the
    new one is put to nobody and says nothing of what others were told; else empty. Who came forward and heard nothing
    for a week may do so again.
    """
    found = ""
    for one in past:
        if named_by_id is None:
            own = one.named_by_id is None or (one.is_agreed and one.how == "declined")
            rests = one.how != "unanswered"
        else:
            own, rests = one.named_by_id == named_by_id, True
        if own and one.how == "declined":
            return "declined"
        if own and rests:
            found = "rests"
        elif named_by_id is not None and one.named_by_id is not None and not (one.is_agreed or one.is_quiet):
            found = found or "quiet"
    return found
