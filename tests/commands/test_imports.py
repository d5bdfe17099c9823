"""``civicboard import reports``: a file read to its end, whatever is in it."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import func, select, text

from civicboard.commands import imports
from civicboard.commands.imports import Outcome, import_reports
from civicboard.kit.work import Desk, Work
from civicboard.problems.models import Problem
from civicboard.settings import Settings


def row(number: int | str, **fields: Any) -> str:
    given = {"service_request_id": str(number), "summary": f"Report number {number} of the brook"}
    return json.dumps({**given, "requested_datetime": "2019-03-04T08:30:00Z", **fields})


class Importer:
    """Imports lines, and remembers what was said of it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.path = folder / "brook.jsonl"
        self.said = ""

    async def __call__(self, *lines: str | bytes, source: str = "brook", terminal: bool = False) -> Outcome:
        self.path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
        return await self.read(self.path, source, terminal)

    async def read(self, path: Path, source: str = "brook", terminal: bool = False) -> Outcome:
        heard = io.StringIO()
        outcome = await import_reports(self.settings, path, source, Console(file=heard, force_terminal=terminal))
        self.said = heard.getvalue()
        return outcome


@pytest.fixture
def importer(settings: Settings, tmp_path: Path) -> Importer:
    return Importer(settings, tmp_path)


async def kept(desk: Desk) -> int:
    async with desk.reading() as work:
        return await work.session.scalar(select(func.count()).select_from(Problem)) or 0


async def test_twice_changes_nothing(importer: Importer, desk: Desk) -> None:
    lines = [row(n) for n in range(250)]
    assert await importer(*lines) == Outcome(added=250)
    assert await importer(*lines) == Outcome(unchanged=250)
    assert importer.said == "0 added, 0 updated, 250 unchanged, 0 refused.\n"
    lines[7] = row(7, status="closed")
    assert await importer(*lines) == Outcome(updated=1, unchanged=249)
    assert await kept(desk) == 250


async def test_bad_rows_are_named_and_left_out(importer: Importer, desk: Desk) -> None:
    outcome = await importer(
        b"\xef\xbb\xbf" + row(1).encode(),
        "not json",
        "",
        "[1, 2]",
        b"\xff\xfe",
        "[" * 100_000,
        '{"votes": ' + "1" * 5000 + "}",
        row(2, summary="x" * 300_000),
        row(3, lat=91, long=0),
        '{"service_request_id": "4", "summary": "half a pair: \\ud800"}',
        "   \r",
        row(5) + "\r",
        b"y" * 900_000,
        row(6),
    )
    assert (outcome.added, outcome.refused, outcome.succeeded) == (3, 9, True)
    assert importer.said.splitlines() == [
        "Line 2: It is not JSON.",
        "Line 4: It is not a JSON object with a report's fields.",
        "Line 5: It is not UTF-8 text.",
        "Line 6: It is not JSON.",
        "Line 7: It is not JSON.",
        "Line 8: It is longer than 256 KB.",
        "Line 9: lat is not a number from -90 to 90.",
        "Line 10: summary has a character that can't be kept.",
        "Line 13: It is longer than 256 KB.",
        "3 added, 0 updated, 0 unchanged, 9 refused.",
    ]
    assert await kept(desk) == 3


async def test_what_the_database_refuses_is_refused_alone(importer: Importer, desk: Desk) -> None:
    async with desk.writing() as work:
        await work.session.execute(text("ALTER TABLE problems ADD CONSTRAINT odd CHECK (title NOT LIKE '%number 2 %')"))
    try:
        assert await importer(row(1), row(2), row(3)) == Outcome(added=2, refused=1)
    finally:
        async with desk.writing() as work:
            await work.session.execute(text("ALTER TABLE problems DROP CONSTRAINT odd"))
    assert importer.said.startswith("Line 2: The database can't keep it: new row for relation")
    assert await kept(desk) == 2


async def test_a_long_line_of_just_the_right_length(importer: Importer) -> None:
    padding = imports.LONGEST_LINE - len(row(1, extra=""))
    outcome = await importer(row(1, extra="x" * padding) + "\r", row(2))
    assert outcome == Outcome(added=2), importer.said
    assert await importer(row(1, extra="x" * (padding + 1)), row(2)) == Outcome(unchanged=1, refused=1)


async def test_all_bad_is_a_failure_and_none_is_not(importer: Importer) -> None:
    assert not (await importer("a", "b")).succeeded
    assert (await importer("")).succeeded


async def test_a_file_that_cannot_be_read(importer: Importer, tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        outcome = await importer.read(path)
        assert not outcome.succeeded
        assert f"{path} can't be read" in importer.said


async def test_a_source_that_cannot_be_used(importer: Importer) -> None:
    for source in ("x" * 61, "\x00", "  "):
        outcome = await importer(row(1), source=source)
        assert not outcome.succeeded
        assert "--source" in importer.said


async def test_what_was_read_before_the_database_went_stays(
    importer: Importer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    keep_report = imports.keep_report

    async def keep_until_the_end(work: Work, told: Any) -> Any:
        if told.source_id == "3":
            await work.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return await keep_report(work, told)

    monkeypatch.setattr(imports, "keep_report", keep_until_the_end)
    outcome = await importer(*[row(n) for n in range(6)])
    assert not outcome.succeeded
    assert outcome.added == 2
    assert "before line 3 is kept: run it again" in importer.said
    assert await kept(desk) == 2
    monkeypatch.undo()
    outcome = await importer(*[row(n) for n in range(6)])
    assert outcome == Outcome(added=4, unchanged=2), importer.said


async def test_two_imports_at_once(importer: Importer, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "BATCH", 10)
    forth, back = [row(n) for n in range(60)], [row(n) for n in reversed(range(60))]
    other = Importer(importer.settings, importer.path.parent)
    other.path = other.path.with_name("back.jsonl")
    found = await asyncio.gather(importer(*forth), other(*back))
    assert sum(outcome.added for outcome in found) == 60
    assert sum(outcome.unchanged for outcome in found) == 60
    assert await kept(desk) == 60


async def test_words_without_a_terminal_and_a_bar_with_one(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "ROWS_A_WORD", 100)
    await importer(*[row(n) for n in range(210)])
    assert "100 rows read." in importer.said
    assert "\x1b" not in importer.said
    await importer(*[row(n) for n in range(210)], "bad", terminal=True)
    assert "Reading reports" in importer.said
    assert "Line 211: It is not JSON." in importer.said
