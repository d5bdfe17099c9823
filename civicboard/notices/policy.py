"""What people are told, who may read it, and for how long it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from civicboard.kit.viewer import Viewer

#: Every kind of notice, with what it is about in a line. Later, people choose by these how they hear of each.
KINDS: dict[str, str] = {
    "offer_made": "An offer on a problem of mine",
    "offer_welcomed": "My offer is welcome",
    "offer_declined": "My offer is not needed",
    "offer_declined_for_me": "Who looks after a problem of mine has declined an offer",
    "offer_lapsed": "Nobody answered my offer in time",
    "offer_ended": "An offer has ended, and somebody may be thanked",
    "asked": "Somebody asks whether I can help",
    "need_met": "A need of mine is being met",
    "need_passed": "The day of a need of mine has passed",
    "joined": "Somebody has joined a problem that I work on",
    "convening_asked": "Whether somebody looks after a problem waits for my yes",
    "convening_began": "Somebody looks after a problem that I work on",
    "convening_settled": "What became of my asking to look after a problem",
    "convening_ending": "I look after a problem for a few more days",
    "convening_ended": "Nobody looks after a problem that I work on any more",
    "members_posted": "The other members of a network have written",
    "network_invited": "A network of mine is asked to join in",
    "mentioned": "Somebody calls me by my name",
    "affiliation_asked": "Somebody asks me to confirm that they belong where I do",
    "affiliation_answered": "An organisation has answered me",
}
#: What has been read is forgotten after so long.
KEPT_READ = timedelta(days=90)
#: What has gone on for less than this since somebody was told of it, and they haven't read that, is no news to them.
SAME_NEWS = timedelta(days=1)


def may_mark(viewer: Viewer) -> bool:
    """Each marks their own."""
    return viewer.signed_in


def is_same_news(told_at: datetime, now: datetime) -> bool:
    """Whether a notice that waits to be read since ``told_at`` says already that something goes on."""
    return now - told_at < SAME_NEWS


def to_tell(people: list[int], *, actor_id: int | None, apart: set[int]) -> list[int]:
    """Of the people whom a fact concerns, those who are told: never one's own act, nor across a block (``apart``)."""
    return [one for one in dict.fromkeys(people) if one != actor_id and one not in apart]
