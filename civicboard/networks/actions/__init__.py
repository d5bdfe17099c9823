"""What people do with each other round a problem: the change and the fact together."""

from __future__ import annotations

from civicboard.networks.actions.asking import (
    agree_to_convening,
    decline_convening,
    let_question_lapse,
    look_after,
    name_convenor,
    take_back_question,
)
from civicboard.networks.actions.convening import (
    end_convenings_of,
    lapse_convening,
    put_down,
    remind_convenor,
    renew_convening,
)
from civicboard.networks.actions.joining import come_back, look_back, step_back, step_out, take_part
from civicboard.networks.actions.staying import invite_network, part_ways, stay_together
from civicboard.networks.actions.writing import edit_members_post, write_members_post

__all__ = [
    "agree_to_convening",
    "come_back",
    "decline_convening",
    "edit_members_post",
    "end_convenings_of",
    "invite_network",
    "lapse_convening",
    "let_question_lapse",
    "look_after",
    "look_back",
    "name_convenor",
    "part_ways",
    "put_down",
    "remind_convenor",
    "renew_convening",
    "stay_together",
    "step_back",
    "step_out",
    "take_back_question",
    "take_part",
    "write_members_post",
]
