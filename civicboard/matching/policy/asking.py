"""Who may be asked for help, by whom, how often and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from civicboard.kit import in_words
from civicboard.kit.viewer import Viewer

#: Nobody is asked more often than so many times in any seven days, whatever they chose.
MOST_A_WEEK = 2
WEEK = timedelta(days=7)
#: An ask that nobody answered is let go after so long.
ANSWER_WITHIN = timedelta(days=7)
#: One that could not be sent for so long is not sent any more.
WAITS_AT_MOST = timedelta(days=21)
#: The states of an ask that nobody has answered yet: it waits for its person's morning or week, or is put to them.
STANDING = ("waiting", "asked")


def may_ask(viewer: Viewer, *, involved: bool) -> bool:
    """Anyone who has to do with the problem, whatever else they are."""
    return viewer.signed_in and involved


def may_see_helpers(viewer: Viewer, *, poster_id: int | None, is_member: bool, affected: bool, follows: bool) -> bool:
    """Who could help is for those who may ask: the poster, the problem's people, whom it affects, who follow it.

    The one answer for the problem's own page and for each of its needs.
    """
    return may_ask(viewer, involved=viewer.id == poster_id or is_member or affected or follows)


def may_answer(viewer: Viewer, person_id: int) -> bool:
    """Nobody opens or answers what somebody else was asked."""
    return viewer.signed_in and viewer.id == person_id


def may_withdraw(viewer: Viewer, by_id: int | None) -> bool:
    """Who asked may take it back."""
    return viewer.signed_in and viewer.id == by_id


def may_call_round(viewer: Viewer, *, by_id: int | None, poster_id: int | None) -> bool:
    """Whether the board asks around for a need is for who added it, and who posted the problem."""
    return viewer.signed_in and viewer.id in (by_id, poster_id)


@dataclass(frozen=True, slots=True)
class AskPreferences:
    """When somebody is left in peace: by their own clock from ``quiet_from`` to ``quiet_until``, the same for never.

    ``a_week`` is how often they may be asked in any seven days.
    """

    zone: ZoneInfo
    quiet_from: time = time(21)
    quiet_until: time = time(8)
    a_week: int = MOST_A_WEEK


def zone_named(name: str, default: ZoneInfo) -> ZoneInfo:
    """A time zone by its name; the default for none, and for one that there is not."""
    try:
        return ZoneInfo(name) if name else default
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return default


def is_quiet(moment: datetime, preferences: AskPreferences) -> bool:
    """Whether it is within somebody's quiet hours, as their own clock shows them."""
    shown = moment.astimezone(preferences.zone).time()
    if preferences.quiet_from <= preferences.quiet_until:
        return preferences.quiet_from <= shown < preferences.quiet_until
    return shown >= preferences.quiet_from or shown < preferences.quiet_until


def next_waking(moment: datetime, preferences: AskPreferences) -> datetime:
    """The moment when the quiet hours end, also when clocks are changed; this one where they are not on."""
    if not is_quiet(moment, preferences):
        return moment
    today = moment.astimezone(preferences.zone).date()
    ends = (
        datetime.combine(today + timedelta(days=days), preferences.quiet_until, preferences.zone)
        .replace(fold=fold)
        .astimezone(UTC)
        for days in range(4)
        for fold in (0, 1)
    )
    return min(end for end in ends if end > moment and not is_quiet(end, preferences))


def when_to_ask(now: datetime, asked: Iterable[datetime], preferences: AskPreferences) -> datetime | None:
    """The first moment from now on at which somebody may be asked; None for never.

    ``asked`` are the times they were asked before. Two asks a week apart to the second are still within seven days.
    """
    most = min(preferences.a_week, MOST_A_WEEK)
    if most <= 0:
        return None
    before = sorted((one for one in asked if one >= now - WEEK), reverse=True)
    if len(before) >= most:
        now = max(now, before[most - 1] + WEEK + timedelta(microseconds=1))
    return next_waking(now, preferences)


def is_over(*, need_state: str, stage: str) -> bool:
    """Whether nobody needs to be asked any more, nor to answer."""
    return need_state not in ("open", "being_met") or stage == "sorted"


def takes_answers(state: str) -> bool:
    """Whether somebody may still say yes: also after a no, since that is theirs to change."""
    return state in ("asked", "not_now", "not_me", "lapsed")


def effort_in_words(hours: float | None) -> str:
    """How long it takes: ``"about 2 hours in all"``; empty when nobody has said."""
    if hours is None:
        return ""
    if hours == 1:
        return "about an hour"
    return f"about {in_words.hours_in_words(hours)}{' in all' if hours > 1 else ''}"


def reasons_read(why: Sequence[str], passed_on_by: str | None) -> list[str]:
    """Why them, as who is asked reads it; first of all that somebody thought of them."""
    return [*([f"{passed_on_by} thought of you."] if passed_on_by else []), *why]


def has_lapsed(asked_at: datetime, now: datetime) -> bool:
    return now - asked_at >= ANSWER_WITHIN
