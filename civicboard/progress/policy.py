"""Who may move a problem from stage to stage, and when they must say why."""

from __future__ import annotations

from civicboard.kit.viewer import Viewer

#: The fewest letters that can be called a reason.
SHORTEST_WHY = 10

#: The stages that need a reason, with how to ask for it.
ASKS_WHY: dict[str, str] = {
    "sorted": "Please say what worked, so that the next street can do it too.",
    "stuck": "Please say what it is stuck on, so that somebody can help.",
    "passed_on": "Please say who took it on, and why they are the right ones.",
}


def may_set_stage(viewer: Viewer, poster_id: int | None) -> bool:
    """For now the poster sets the stage.

    Later a stage changes by agreement: this answers then for the person who proposes it, and what the people
    involved have said is passed in beside it. Everything that sets a stage asks here: this is the seam.
    """
    return viewer.signed_in and viewer.id == poster_id


def lacks_why(to: str, why: str) -> str:
    """What to ask for when the reason for moving to stage ``to`` says too little; empty when it will do."""
    return ASKS_WHY.get(to, "") if len(why) < SHORTEST_WHY else ""
