"""What was measured: kept as JSON, shown as a table, compared with the time before."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"
_LIBRARIES = ("uvicorn", "uvloop", "httptools", "starlette", "sqlalchemy", "asyncpg", "jinja2", "websockets")


@dataclass
class Row:
    """One thing measured beside its limit, in turn, in several rounds.

    ``board`` and ``bare`` hold one figure a round, in ``unit``; ``bare`` is empty where the goal is a figure by itself.
    ``reach`` is the goal for ``ratio``. ``share`` says that the ratio is of speed (bare over board, to be at least the
    goal); otherwise it is of cost (board over bare, or the figure itself, to be at most the goal).
    """

    key: str
    title: str
    unit: str
    board: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    against: str = ""
    reach: float | None = None
    share: bool = False
    note: str = ""

    @property
    def ratio(self) -> float:
        """Of medians."""
        mine = statistics.median(self.board)
        if not self.bare:
            return mine
        limit = statistics.median(self.bare)
        return limit / mine if self.share else mine / limit

    @property
    def reached(self) -> bool | None:
        if self.reach is None:
            return None
        return self.ratio >= self.reach if self.share else self.ratio <= self.reach


def machine() -> dict[str, Any]:
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        **{name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def save(rows: Sequence[Row], *, how: dict[str, Any], path: Path | None) -> Path:
    """Write the JSON; without a ``path`` beside the earlier ones, which git doesn't see."""
    now = datetime.now(UTC)
    if path is None:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / ".gitignore").write_text("*\n")
        path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    kept = [{**asdict(row), "ratio": row.ratio, "reached": row.reached} for row in rows]
    written = {"when": now.isoformat(timespec="seconds"), "machine": machine(), "how": how, "rows": kept}
    path.write_text(json.dumps(written, indent=1) + "\n")
    return path


def last(how: dict[str, Any]) -> dict[str, float]:
    """Ratios of the newest earlier run that measured in the same way, by row."""
    for path in sorted(RESULTS.glob("*.json"), reverse=True):
        read = json.loads(path.read_text())
        if read.get("how") == how:
            return {row["key"]: row["ratio"] for row in read["rows"]}
    return {}


def figures(values: Sequence[float]) -> str:
    """Median and, in brackets, the least and the most."""
    if not values:
        return ""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{number(middle)} ({number(low)}–{number(high)})"


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def goal(row: Row) -> str:
    if row.reach is None:
        return ""
    sign = "≥" if row.share else "≤"
    if not row.bare:
        return f"{sign} {number(row.reach)} {row.unit}"
    return f"{sign} {row.reach:.0%}" if row.share and row.reach < 1 else f"{sign} {number(row.reach)} ×"


def outcome(row: Row) -> str:
    if not row.bare:
        return number(row.ratio)
    return f"{row.ratio:.0%}" if row.share and (row.reach is None or row.reach < 1) else f"{row.ratio:.2f} ×"


def cells(row: Row, before: dict[str, float]) -> list[str]:
    then = before.get(row.key)
    change = f"{row.ratio / then - 1:+.0%}" if then else ""
    limit = f"{row.against} {figures(row.bare)}".strip()
    return [row.title, row.unit, figures(row.board), limit, outcome(row), goal(row), change, row.note]


def show(console: Console, rows: Sequence[Row], before: dict[str, float]) -> None:
    table = Table(title="The board beside its limits: median (least–most)", title_justify="left")
    for heading in ("What", "Unit", "Board", "Limit", "Ratio", "Reach", "Since last", "Note"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        style = {True: "green", False: "yellow", None: None}[row.reached]
        table.add_row(*cells(row, before), style=style)
    console.print(table)


def markdown(rows: Sequence[Row]) -> str:
    lines = ["| What | Unit | Board | Limit | Ratio | Reach |", "|---|---|---|---|---|---|"]
    for row in rows:
        title, unit, board, limit, ratio, reach, _, note = cells(row, {})
        mark = {True: "", False: " (missed)", None: ""}[row.reached]
        lines.append(
            f"| {title}{f': {note}' if note else ''} | {unit} | {board} | {limit} | **{ratio}** | {reach}{mark} |"
        )
    return "\n".join(lines)
