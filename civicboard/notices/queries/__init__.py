"""Every SELECT about notices."""

from __future__ import annotations

from civicboard.notices.queries.notice import NoticeRow
from civicboard.notices.queries.reading import (
    PAGE,
    NoticePage,
    find_notice,
    newest_of,
    notices_of,
)
from civicboard.notices.queries.telling import (
    MOST_TOLD,
    AskParties,
    ConveningParties,
    Parties,
    convenors_so_far,
    find_adder_of_met,
    find_ask_parties,
    find_convening_parties,
    find_members_author,
    find_mentioned,
    find_parties,
    owners_of_passed,
    people_on,
    stewards_of,
    unread_about,
)
from civicboard.notices.queries.unread import count_unread, find_visitor

__all__ = [
    "MOST_TOLD",
    "PAGE",
    "AskParties",
    "ConveningParties",
    "NoticePage",
    "NoticeRow",
    "Parties",
    "convenors_so_far",
    "count_unread",
    "find_adder_of_met",
    "find_ask_parties",
    "find_convening_parties",
    "find_members_author",
    "find_mentioned",
    "find_notice",
    "find_parties",
    "find_visitor",
    "newest_of",
    "notices_of",
    "owners_of_passed",
    "people_on",
    "stewards_of",
    "unread_about",
]
