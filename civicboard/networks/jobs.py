"""What the clock does with who looks after a problem: it ends by itself, and says so before."""

from __future__ import annotations

from civicboard.kit.jobs import each
from civicboard.kit.work import Desk
from civicboard.networks import actions
from civicboard.networks.queries import convenings_nearly_over, convenings_over, questions_in_vain


async def mind_convenings(desk: Desk) -> None:
    """Do what is due.

    Each is a deed of its own, and is asked again under its lock whether it still is due: so the job may be killed
    halfway, and two may run at once.
    """
    await each(desk, convenings_over, actions.lapse_convening)
    await each(desk, convenings_nearly_over, actions.remind_convenor)
    await each(desk, questions_in_vain, actions.let_question_lapse)
