"""What people do about needs and offers: the change and the fact together."""

from __future__ import annotations

from civicboard.offers.actions.answering import decline_offer, welcome_offer, withdraw_offer
from civicboard.offers.actions.contacts import say_contact
from civicboard.offers.actions.ending import (
    end_by_date,
    end_offer,
    end_offers_of,
    forget_contacts,
    lapse_offer,
    let_in_waiting,
)
from civicboard.offers.actions.needs import (
    add_need,
    dismiss_need,
    edit_need,
    let_need_pass,
    let_need_stand_again,
    reopen_need,
    settle_need,
)
from civicboard.offers.actions.offering import make_offer, offer_when_asked

__all__ = [
    "add_need",
    "decline_offer",
    "dismiss_need",
    "edit_need",
    "end_by_date",
    "end_offer",
    "end_offers_of",
    "forget_contacts",
    "lapse_offer",
    "let_in_waiting",
    "let_need_pass",
    "let_need_stand_again",
    "make_offer",
    "offer_when_asked",
    "reopen_need",
    "say_contact",
    "settle_need",
    "welcome_offer",
    "withdraw_offer",
]
