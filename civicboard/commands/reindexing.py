"""``civicboard reindex``: make the meaning of everything on the board, and say how it goes."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from civicboard.kit.database import Database
from civicboard.kit.meaning import understanding_for
from civicboard.kit.work import Desk
from civicboard.linking import make_desk
from civicboard.matching.jobs.meanings import Stopped, forget_all, forget_orphans, index_all
from civicboard.matching.models import KINDS
from civicboard.matching.queries.meanings import Coverage, meanings_coverage
from civicboard.settings import Settings

#: What a kind is called, of which there are many.
NAMES = {"problem": "problems", "need": "needs", "person": "people", "post": "posts", "outcome": "endings"}
#: Without a bar to look at, a line after so many seconds.
SECONDS_A_WORD = 5.0


async def reindex(settings: Settings, console: Console, *, anew: bool = False) -> bool:
    """Go through the whole board. What has its meaning already is passed over, so whoever was interrupted goes on.

    ``anew`` makes those again too. Says whether everything has its meaning now. A worker may run meanwhile: each
    meaning is kept only for the words that are there when it is kept.
    """
    understanding = understanding_for(settings.meaning)
    if not understanding.model_id:
        _say(console, understanding.model.wrong or "No model is wanted: CIVICBOARD_MEANING is none. Nothing to do.")
        return not understanding.model.wrong
    database = Database(settings.database_url, pool_size=2)
    desk = make_desk(database, notify=settings.notify)
    try:
        if anew:
            await forget_all(desk)
        await forget_orphans(desk)
        for coverage in await _coverage(desk, understanding.model_id):
            made = await _kind(desk, settings, coverage, console)
            if made is None:
                return False
        return True
    finally:
        await understanding.close()
        await database.close()


async def _coverage(desk: Desk, model: str) -> list[Coverage]:
    async with desk.reading() as work:
        return await meanings_coverage(work, model)


async def _kind(desk: Desk, settings: Settings, coverage: Coverage, console: Console) -> int | None:
    """Everything of one kind; None when the model went away on the way."""
    name = NAMES[coverage.kind]
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"))
    shown = Progress(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal)
    with shown as progress:
        moved = _Moved(progress, progress.add_task(name, total=coverage.things, rate=""), coverage.things, console)
        try:
            made = await index_all(desk, understanding_for(settings.meaning), coverage.kind, moved)
        except Stopped as error:
            _say(console, f"{name}: stopped after {moved.done:,} of {coverage.things:,}. {error}")
            _say(console, "What was made is kept: run it again to go on.")
            return None
    rate = f", {made / max(time.monotonic() - began, 0.001):,.0f} a second" if made else ""
    _say(console, f"{name}: {moved.done:,} of {coverage.things:,} looked at, {made:,} made{rate}.")
    return made


class _Moved:
    """Tells how far it is: a bar where somebody looks, else a line now and then."""

    def __init__(self, progress: Progress, task: TaskID, total: int, console: Console) -> None:
        self.progress, self.task, self.total, self.console = progress, task, total, console
        self.done = 0
        self.began = self.told = time.monotonic()

    def __call__(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        rate = f"{self.done / max(now - self.began, 0.001):,.0f} a second"
        self.progress.update(self.task, completed=self.done, rate=rate)
        if not self.console.is_terminal and now - self.told >= SECONDS_A_WORD:
            self.told = now
            _say(self.console, f"{self.progress.tasks[0].description}: {self.done:,} of {self.total:,}, {rate}.")


def _say(console: Console, words: str) -> None:
    console.print(words, markup=False)


assert set(NAMES) == set(KINDS)
