"""Every SELECT about needs and offers."""

from __future__ import annotations

from civicboard.offers.queries.alternatives import fitting_alternative
from civicboard.offers.queries.contacts import Contacts, contacts_on, last_contact_of
from civicboard.offers.queries.ending import (
    ended_long_ago,
    is_being_met,
    is_left_unsaid,
    needs_left_unsaid,
    needs_over,
    offers_over,
    offers_unanswered,
)
from civicboard.offers.queries.hours import OwnHours, hours_given_in, own_hours
from civicboard.offers.queries.needs import (
    MOST_NEEDS,
    NeedRow,
    find_need,
    find_need_to_change,
    find_sent_need,
    need_rows,
    needs_on,
    needs_standing,
    open_needs_in_short,
)
from civicboard.offers.queries.offering import (
    MOST_SHOWN,
    OfferRow,
    find_offer,
    find_offer_to_change,
    find_sent_offer,
    find_standing_offer,
    offers_by,
    offers_on,
    offers_to,
    standing_offers_on,
    waiting_offers_to_change,
    welcomed_offers_to_end,
)

__all__ = [
    "MOST_NEEDS",
    "MOST_SHOWN",
    "Contacts",
    "NeedRow",
    "OfferRow",
    "OwnHours",
    "contacts_on",
    "ended_long_ago",
    "find_need",
    "find_need_to_change",
    "find_offer",
    "find_offer_to_change",
    "find_sent_need",
    "find_sent_offer",
    "find_standing_offer",
    "fitting_alternative",
    "hours_given_in",
    "is_being_met",
    "is_left_unsaid",
    "last_contact_of",
    "need_rows",
    "needs_left_unsaid",
    "needs_on",
    "needs_over",
    "needs_standing",
    "offers_by",
    "offers_on",
    "offers_over",
    "offers_to",
    "offers_unanswered",
    "open_needs_in_short",
    "own_hours",
    "standing_offers_on",
    "waiting_offers_to_change",
    "welcomed_offers_to_end",
]
