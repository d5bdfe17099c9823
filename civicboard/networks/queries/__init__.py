"""Every SELECT about networks."""

from __future__ import annotations

from civicboard.networks.queries.people import (
    MOST_FACES,
    MOST_ON_PAGE,
    MOST_SHOWN,
    MemberRow,
    OwnPart,
    faces_column,
    find_circle,
    find_own_part,
    find_part,
    member_rows,
    members_of,
    others_round,
)
from civicboard.networks.queries.staying import (
    A_LIST,
    NetworkRow,
    find_agreed,
    find_network,
    invited_to,
    networks_staying,
)
from civicboard.networks.queries.thread import (
    A_THREAD,
    MembersPostRow,
    find_invitation,
    find_members_post,
    find_members_post_here,
    find_members_post_to_change,
    find_sent_members_post,
    members_posts_on,
)

__all__ = [
    "A_LIST",
    "A_THREAD",
    "MOST_FACES",
    "MOST_ON_PAGE",
    "MOST_SHOWN",
    "MemberRow",
    "MembersPostRow",
    "NetworkRow",
    "OwnPart",
    "faces_column",
    "find_agreed",
    "find_circle",
    "find_invitation",
    "find_members_post",
    "find_members_post_here",
    "find_members_post_to_change",
    "find_network",
    "find_own_part",
    "find_part",
    "find_sent_members_post",
    "invited_to",
    "member_rows",
    "members_of",
    "members_posts_on",
    "networks_staying",
    "others_round",
]
