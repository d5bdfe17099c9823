"""Problems as they move."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.progress import fragments
from civicboard.progress.events import StageChanged
from civicboard.progress.queries import find_stage_change


@shows(StageChanged, on="problem:{problem_id}")
async def show_stage_change(work: Work, happened: StageChanged) -> Fragment:
    return fragments.stage_change(await find_stage_change(work, happened.change_id))


RENDERERS = [show_stage_change]
