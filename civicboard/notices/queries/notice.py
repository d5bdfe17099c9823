"""One notice as its person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from civicboard.kit.in_words import day_in_words
from civicboard.matching.policy.asking import effort_in_words, reasons_read

#: The kinds that are about an offer.
OFFERED = ("made", "welcomed", "declined", "declined_for_me", "lapsed", "ended")
#: The kinds that are about who looks after a problem.
CONVENING = tuple(f"convening_{one}" for one in ("asked", "began", "settled", "ending", "ended"))


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice as its person reads it. What it is about may be gone since: then those fields are None."""

    id: int
    person_id: int
    kind: str
    made_at: datetime
    is_unread: bool
    problem_id: int | None
    problem_title: str | None
    problem_slug: str | None
    offer_id: int | None
    offer_what: str | None
    helper_id: int | None
    helper_name: str | None
    need_id: int | None
    need_what: str | None
    need_state: str | None
    #: The person whom it is about, if that isn't who made the offer.
    other_name: str | None
    poster_name: str | None
    #: Another problem: what fits instead, or what a network is asked to join in on.
    elsewhere_id: int | None
    elsewhere_title: str | None
    elsewhere_slug: str | None
    elsewhere_stage: str | None
    #: What the network calls itself.
    network_name: str | None
    members_post_id: int | None
    #: Who wrote to the members.
    member_name: str | None
    post_id: int | None
    request_id: int | None
    request_answer: str | None
    organisation_name: str | None
    organisation_slug: str | None
    ask_id: int | None
    ask_state: str | None
    #: Who asks; None where the board asks for the people of the problem.
    asker_name: str | None
    ask_why: Sequence[str] | None
    ask_said: str | None
    passed_on_by: str | None
    need_hours: float | None
    convening_id: int | None
    #: Who looks after it, would, or is asked to.
    convening_person_id: int | None
    #: ``asks_named`` or ``asks_poster`` while it waits for that yes, ``runs``, or how it ended.
    convening_state: str | None
    convening_ends_at: datetime | None
    #: Whether the question is, or was, for the one who is named to answer; else it is the poster's.
    is_to_who_is_named: bool | None
    #: Whether nobody had named them.
    came_forward: bool | None
    #: Whether they have been asked if they go on, and haven't said so.
    is_nearly_over: bool | None
    #: Whether nobody looks after the problem now, and its person may.
    may_take_up: bool | None
    #: Whether no block has come between the person and those who ask, as far as it is an ask.
    is_in_peace: bool
    #: Whether the offer is the yes of somebody whom the person has asked.
    is_a_yes: bool
    #: Whether the person may still see where it leads: they have neither left the network nor ceased to be a steward.
    is_open: bool

    @property
    def is_gone(self) -> bool:
        """Whether what it is about is no longer there, for its person at least."""
        return not self.is_in_peace or any(
            getattr(self, name) is None for name in _NEEDS.get(self.kind, ("problem_id",))
        )

    @property
    def takes_answer(self) -> bool:
        """Whether it is a question to its person that waits for a yes, not now or not me."""
        return self.kind == "asked" and not self.is_gone and self.ask_state == "asked"

    @property
    def is_theirs(self) -> bool:
        """Whether it is the person themselves who looks after it, would, or is asked to."""
        return self.convening_person_id == self.person_id

    @property
    def takes_yes(self) -> bool:
        """Whether it is a question about looking after a problem that waits for its person's yes."""
        waits = self.convening_state == ("asks_named" if self.is_theirs else "asks_poster")
        return self.kind == "convening_asked" and not self.is_gone and waits

    @property
    def takes_renewal(self) -> bool:
        """Whether they look after it, and it is time to go on."""
        runs = self.convening_state == "runs" and bool(self.is_nearly_over)
        return self.kind == "convening_ending" and not self.is_gone and runs

    @property
    def until_words(self) -> str:
        return day_in_words(self.convening_ends_at.date()) if self.convening_ends_at else ""

    @property
    def why(self) -> list[str]:
        """Why it is this person who is asked."""
        return reasons_read(self.ask_why or (), self.passed_on_by)

    @property
    def hours_words(self) -> str:
        return effort_in_words(self.need_hours)

    @property
    def is_elsewhere(self) -> bool:
        """Whether what fits instead is still wanted."""
        wanted = self.elsewhere_id is not None and self.elsewhere_stage != "sorted"
        return wanted and self.need_state in (None, "open")

    @property
    def elsewhere_path(self) -> str:
        """Where what fits instead stands."""
        if self.need_id is not None:
            return f"/needs/{self.need_id}"
        return f"/problems/{self.elsewhere_id}/{self.elsewhere_slug}"

    @property
    def path(self) -> str:
        """Where to look at what it is about; the page of notices itself for what is gone."""
        if self.is_gone:
            return "/notices"
        problem = f"/problems/{self.problem_id}"
        return {
            "offer_lapsed": f"/offers/{self.offer_id}#instead",
            "offer_ended": f"/offers/{self.offer_id}#thanks",
            "asked": f"/asks/{self.ask_id}",
            **dict.fromkeys(("need_met", "need_passed"), f"/needs/{self.need_id}"),
            "joined": f"{problem}/network",
            **dict.fromkeys(CONVENING, f"{problem}/convenor"),
            "members_posted": f"{problem}/network/members#members-post-{self.members_post_id}",
            "network_invited": f"{problem}/network/members#members-post-{self.members_post_id}",
            "mentioned": f"{problem}/posts/{self.post_id}",
            "affiliation_asked": f"/organisations/{self.organisation_slug}/requests/{self.request_id}",
            "affiliation_answered": f"/organisations/{self.organisation_slug}/requests/{self.request_id}",
        }.get(self.kind, f"/offers/{self.offer_id}")


#: What a notice of each kind can't do without; the problem, for those that aren't here.
_NEEDS: dict[str, tuple[str, ...]] = {
    **{f"offer_{one}": ("problem_id", "offer_id") for one in OFFERED},
    "asked": ("problem_id", "ask_id"),
    **{f"need_{one}": ("problem_id", "need_id") for one in ("met", "passed")},
    "members_posted": ("problem_id", "members_post_id"),
    "network_invited": ("problem_id", "members_post_id", "elsewhere_id"),
    "mentioned": ("problem_id", "post_id"),
    **dict.fromkeys(CONVENING, ("problem_id", "convening_id")),
    "affiliation_asked": ("request_id",),
    "affiliation_answered": ("request_id",),
}
