"""Pieces of a page that show offers."""

from __future__ import annotations

from civicboard.kit.partials import Fragment
from civicboard.offers.queries import OfferRow

_SAID = {
    "waiting": "{} offers help: {}.",
    "welcomed": "The offer by {} is welcomed: {}.",
    "declined": "The offer by {} was declined: {}.",
    "withdrawn": "{} withdrew an offer: {}.",
}


def offer(row: OfferRow) -> Fragment:
    """One offer in the list of a problem's page."""
    return Fragment(
        "offers/_offer.html",
        {"offer": row},
        target="#offers",
        key=f"offer-{row.id}",
        say=_SAID[row.state].format(row.helper_name, row.what.rstrip(".")),
    )
