"""What people do with each other round a problem: the change and the fact together."""

from __future__ import annotations

from civicboard.networks.actions.joining import come_back, look_back, step_back, step_out, take_part
from civicboard.networks.actions.staying import invite_network, part_ways, stay_together
from civicboard.networks.actions.writing import edit_members_post, write_members_post

__all__ = [
    "come_back",
    "edit_members_post",
    "invite_network",
    "look_back",
    "part_ways",
    "stay_together",
    "step_back",
    "step_out",
    "take_part",
    "write_members_post",
]
