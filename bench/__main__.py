"""Measure the board beside its limits: ``make bench ARGS='--quick'``."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import data, report
from bench import measure as measuring
from bench.matching.measuring import MEASURES as MATCHING
from bench.measure import Plan
from civicboard.kit.embedded import EmbeddedPostgres

MEASURES = {**measuring.MEASURES, **MATCHING}
#: What people type for several.
TOGETHER = {"matching": [*MATCHING]}
SIZES = (10_000, 100_000)
LARGE = 1_000_000
QUICK_SIZES = (2_000,)
#: What takes long even when there is little of it is left out: sizes, a stalled reader, the cold start.
QUICK = ["board", "problem", "reply", "sockets", "search", "matching"]


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("what", nargs="*", help=f"some of it: {', '.join(MEASURES)}")
    parser.add_argument("--quick", action="store_true", help="less, and less often: under a minute on a quiet machine")
    parser.add_argument("--large", action="store_true", help="10,000 sockets and 1,000,000 problems too (half an hour)")
    parser.add_argument("--only", nargs="+", choices=MEASURES, help="some of it")
    parser.add_argument("--rounds", type=int, help="how often each is measured (5, or 3 with --quick)")
    parser.add_argument("--json", type=Path, help="where to write the figures (bench/results/ otherwise)")
    parser.add_argument("--data", type=Path, help="keep the made-up towns in this folder, and use those in it")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown as well")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.what) - set(MEASURES):
        parser.error(f"There is nothing called {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}.")
    asked.only = [*(asked.only or []), *(name for what in asked.what for name in TOGETHER.get(what, [what]))]
    return asked


def main(arguments: list[str]) -> int:
    asked = read_arguments(arguments)
    # Ended from outside, it still stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(highlight=False)
    folder = asked.data or Path(tempfile.mkdtemp(prefix="civicboard-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    sizes = QUICK_SIZES if asked.quick else (*SIZES, LARGE) if asked.large else SIZES
    names = asked.only or (QUICK if asked.quick else list(MEASURES))
    rounds = asked.rounds or (3 if asked.quick else 5)
    how: dict[str, Any] = {"quick": asked.quick, "large": asked.large, "sizes": list(sizes), "rounds": rounds}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        # A database of its own with fsync on, since a reply is measured as it is in use.
        with EmbeddedPostgres(folder) as postgres, Progress(*columns, console=console) as progress:
            towns = sizes if set(names) - set(MATCHING) else ()
            urls = {size: make_town(postgres, size, progress) for size in towns}
            task = progress.add_task("Measuring", total=None)
            plan = Plan(
                folder=folder,
                rounds=rounds,
                seconds=0.12 if asked.quick else 1.0,
                sockets=300 if asked.quick else 1_000,
                urls=urls,
                tick=lambda what: progress.update(task, description=what),
                empty=lambda name: make_empty(postgres, name),
                kept=lambda name: (postgres.url(name), postgres.data / f"{name}.ready"),
                share=0.1 if asked.quick else 1.0,
            )
            rows = uvloop.run(measure(plan, names))
            if asked.large and "sockets" in names:
                plan.sockets = 10_000
                rows += uvloop.run(measure(plan, ["sockets"]))
    finally:
        if asked.data is None:
            shutil.rmtree(folder, ignore_errors=True)
    before = report.last(how)
    written = report.save(rows, how=how, path=asked.json)
    about = report.machine()
    report.show(console, rows, before)
    console.print(", ".join(f"{name} {value}" for name, value in about.items()))
    console.print(f"The figures are in {written}")
    if asked.markdown:
        print(report.markdown(rows))
    return 0


def make_town(postgres: EmbeddedPostgres, size: int, progress: Progress) -> str:
    """The address of a database with so many problems, made now unless it is there."""
    name = f"bench_{size}"
    ready = postgres.data / f"{name}.ready"
    if ready.exists():
        return postgres.url(name)
    postgres.drop_database(name)
    url = postgres.create_database(name)
    task = progress.add_task(f"Making a town of {size:,} problems", total=size)
    asyncio.run(data.fill(url, size, lambda more: progress.advance(task, more)))
    progress.remove_task(task)
    ready.touch()
    return url


def make_empty(postgres: EmbeddedPostgres, name: str) -> str:
    postgres.drop_database(name)
    return postgres.create_database(name)


async def measure(plan: Plan, names: list[str]) -> list[report.Row]:
    return [row for name in names async for row in MEASURES[name](plan)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
