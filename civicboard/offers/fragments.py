"""Pieces of a page that show needs and offers."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.kit.partials import Fragment
from civicboard.kit.viewer import Viewer
from civicboard.offers.queries import NeedRow, OfferRow
from civicboard.problems.queries import ProblemRow

_SAID = {
    "waiting": "{} offers help: {}.",
    "welcomed": "The offer by {} is welcomed: {}.",
    "declined": "The offer by {} was declined: {}.",
    "withdrawn": "{} withdrew an offer: {}.",
    "unanswered": "Nobody answered the offer by {} in time: {}.",
    "ended": "The offer by {} has ended: {}.",
}


def offer(row: OfferRow, *, say: bool = True) -> Fragment:
    """One offer in the list of a problem's page."""
    said = "{} joins in: {}." if row.joined_by_themselves else _SAID[row.state]
    return Fragment(
        "offers/_offer.html",
        {"offer": row},
        target="#offers",
        key=f"offer-{row.id}",
        say=said.format(row.helper_name, row.what.rstrip(".")) if say else "",
    )


def needs(problem: ProblemRow, rows: Sequence[NeedRow], *, say: str = "") -> Fragment:
    """What a problem needs, as one piece of its page: a need moves among the others when it is met."""
    return Fragment(
        "offers/_needs.html",
        {"problem": problem, "needs": rows},
        target="#needs",
        swap="outerHTML",
        key="needs",
        say=say,
    )


def needs_key(problem: ProblemRow, rows: Sequence[NeedRow]) -> tuple[object, ...]:
    """What the rendered needs of a problem depend on."""
    return (problem.id, problem.stage, problem.help_wanted, *(part for row in rows for part in row.key))


def thanks_for(row: OfferRow, viewer: Viewer) -> str:
    """How one of the two of an offer that has ended might begin to thank the other, naming them and the act."""
    if row.state != "ended" or row.welcomed_by_id is None or not viewer.signed_in:
        return ""
    if viewer.id in (row.welcomed_by_id, row.poster_id):
        return f"Thank you, @{row.helper_handle}, for this: {row.what}. "
    if viewer.id == row.helper_id:
        return f"Thank you, @{row.welcomed_by_handle}, for taking me up on this: {row.what}. "
    return ""
