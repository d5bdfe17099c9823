"""``civicboard import reports``: reports from elsewhere, read from a file of JSON Lines."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from civicboard.kit.database import Database
from civicboard.kit.forms import Invalid
from civicboard.kit.work import Desk, Unfit, Work
from civicboard.linking import make_desk
from civicboard.problems.actions import keep_report
from civicboard.problems.forms import Report
from civicboard.settings import Settings

#: Rows to a transaction: few enough that nobody waits for it, so many that a large file doesn't take all day.
BATCH = 100
LONGEST_LINE = 256 * 1024
#: Without a bar to look at, a word after this many rows.
ROWS_A_WORD = 1000


@dataclass
class Outcome:
    """How many rows came to what. ``failed`` says why the import ended early; empty when it did not."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    failed: str = ""

    @property
    def kept(self) -> int:
        return self.added + self.updated + self.unchanged

    @property
    def succeeded(self) -> bool:
        """The file was read to its end, and at least one row was fit, if there were any."""
        return not self.failed and (self.kept > 0 or self.refused == 0)

    def __str__(self) -> str:
        counted = f"{self.added:,} added, {self.updated:,} updated, {self.unchanged:,} unchanged"
        return f"{counted}, {self.refused:,} refused."


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its number from 1, where it ends in bytes, and what it holds (None: too much)."""

    number: int
    ends_at: int
    content: bytes | None


class BadRow(Exception):
    """A row that can't be taken in, and why, in a sentence."""


async def import_reports(settings: Settings, path: Path, source: str, console: Console) -> Outcome:
    """Take in the reports of a file, each once however often it is run, and tell ``console`` how it goes.

    A bad row is named with its line and left out. Rows are kept a hundred to a transaction, so what was
    counted before an interruption stays, and the next run goes on from there.
    """
    outcome = Outcome()
    try:
        Report.read_row({"service_request_id": "1", "summary": "A probe"}, source=source)
    except Invalid:
        outcome.failed = "That source can't be used. Give it a name of 60 characters at most with --source."
    else:
        database = Database(settings.database_url, pool_size=1)
        try:
            await _read(make_desk(database, notify=settings.notify), path, source, console, outcome)
        finally:
            await database.close()
    if outcome.failed:
        _say(console, outcome.failed)
    _say(console, str(outcome))
    return outcome


async def _read(desk: Desk, path: Path, source: str, console: Console, outcome: Outcome) -> None:
    try:
        file = path.open("rb")
    except OSError as error:
        outcome.failed = f"{path} can't be read: {error.strerror or error}."
        return
    read, size = 0, os.fstat(file.fileno()).st_size
    with file, Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Reading reports", total=size or None)
        lines = _lines(file)
        try:
            while batch := list(islice(lines, BATCH)):
                for number, reason in await _keep(desk, batch, source, outcome):
                    _say(console, f"Line {number}: {reason}")
                progress.update(bar, completed=batch[-1].ends_at)
                read += len(batch)
                if not console.is_terminal and read % ROWS_A_WORD == 0:
                    _say(console, f"{read:,} rows read.")
        except SQLAlchemyError:
            stays = f"What was read before line {batch[0].number} is kept: run it again to go on."
            outcome.failed = f"The database went away. {stays}"
        except OSError as error:
            # The file (a network's, a pipe's) and the database both fail this way.
            outcome.failed = f"It ended early: {error.strerror or error}. Run it again to go on."


def _lines(file: BinaryIO) -> Iterator[Line]:
    """The lines that hold anything, one at a time, and never more than the longest in memory."""
    most = LONGEST_LINE + len(b"\r\n")
    number = ends_at = 0
    while content := file.readline(most):
        number, ends_at, rest = number + 1, ends_at + len(content), content
        while len(rest) == most and not rest.endswith(b"\n"):
            rest = file.readline(most)
            ends_at += len(rest)
        if number == 1:
            content = content.removeprefix(b"\xef\xbb\xbf")
        if len(content.rstrip(b"\r\n")) > LONGEST_LINE:
            yield Line(number, ends_at, None)
        elif content.strip():
            yield Line(number, ends_at, content)


async def _keep(desk: Desk, batch: list[Line], source: str, outcome: Outcome) -> list[tuple[int, str]]:
    """Take in a batch in one transaction, and count it. Returns line and reason of what was refused."""
    counts = {"added": 0, "updated": 0, "unchanged": 0}
    refused: list[tuple[int, str]] = []
    async with desk.writing() as work:
        # Two imports of one source would add the same report twice.
        await work.one_at_a_time(f"import:{source}")
        for line in batch:
            try:
                counts[await _keep_one(work, _parse(line.content, source))] += 1
            except BadRow as bad:
                refused.append((line.number, str(bad)))
    # Only now is it true.
    outcome.added += counts["added"]
    outcome.updated += counts["updated"]
    outcome.unchanged += counts["unchanged"]
    outcome.refused += len(refused)
    return refused


async def _keep_one(work: Work, report: Report) -> str:
    """Take in one row behind a savepoint: one that the database refuses leaves the others alone."""
    try:
        async with work.session.begin_nested():
            return await keep_report(work, report)
    except Unfit as unfit:
        raise BadRow(unfit.words) from None
    except StatementError as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        words = str(error.orig).rpartition(">: ")[2].partition("\n")[0]
        raise BadRow(f"The database can't keep it: {words}.") from error


def _parse(content: bytes | None, source: str) -> Report:
    if content is None:
        raise BadRow(f"It is longer than {LONGEST_LINE // 1024} KB.")
    try:
        row: Any = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadRow("It is not UTF-8 text.") from None
    except (ValueError, RecursionError):
        raise BadRow("It is not JSON.") from None
    if not isinstance(row, dict):
        raise BadRow("It is not a JSON object with a report's fields.")
    try:
        return Report.read_row(row, source=source)
    except Invalid as invalid:
        raise BadRow(" ".join(invalid.state.errors.values())) from None


def _say(console: Console, words: str) -> None:
    console.print(words, markup=False, highlight=False, soft_wrap=True)
