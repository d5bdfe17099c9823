"""What the files of the demo neighbourhood tell, as the actions take it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from civicboard.demo import FOLDER
from civicboard.skills.actions import Said


@dataclass(frozen=True)
class Telling:
    """A problem's words, as the actions take them."""

    title: str
    story: str
    place: str
    whereabouts: str
    coordinates: tuple[float, float] | None
    tags: tuple[str, ...]
    help_wanted: str


@dataclass(frozen=True, order=True)
class Deed:
    """One thing somebody did, ``days_ago``; sorting gives the order in which it all happened."""

    before: float
    turn: int
    problem: str
    kind: str
    by: str
    said: dict[str, Any]


@dataclass(frozen=True)
class Report:
    """A report that was made elsewhere, as the import takes it."""

    source: str
    source_id: str
    title: str
    story: str
    coordinates: tuple[float, float] | None
    tags: tuple[str, ...]
    posted_at: datetime | None
    moved_at: datetime | None
    stage: str = "open"


def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def deeds(problems: dict[str, Any], needs: dict[str, Any]) -> Iterator[Deed]:
    """Everything that was done on the problems and for what they need, in no order."""
    for turn, (key, problem) in enumerate(problems.items()):

        def deed(kind: str, by: str, days_ago: float, said: dict[str, Any], key: str = key, turn: int = turn) -> Deed:
            return Deed(-days_ago, turn, key, kind, by, said)

        posted = problem["days_ago"]
        yield deed("post", problem["poster"], posted, problem)
        # Who is affected or follows says so a while after it was posted, each at their own time.
        for kind in ("affected", "followers"):
            for place, handle in enumerate(problem[kind], 2):
                yield deed(kind, handle, posted * (1 - 0.7 * place / (len(problem[kind]) + 2)), {})
        for edit in problem["edits"]:
            yield deed("edit", problem["poster"], edit["days_ago"], edit)
        for entry in problem["timeline"]:
            yield deed(entry["kind"], entry["by"], entry["days_ago"], entry)
            if answer := entry.get("answer"):
                by = entry["by"] if answer["state"] == "withdrawn" else problem["poster"]
                yield deed(answer["state"], by, answer["days_ago"], {**answer, "helper": entry["by"]})

    turns = {key: turn for turn, key in enumerate(problems)}
    for need in needs["needs"]:
        yield Deed(-need["days_ago"], turns[need["problem"]], need["problem"], "need", need["by"], need)
        if settled := need["settled"]:
            yield Deed(-settled["days_ago"], turns[need["problem"]], need["problem"], settled["as"], need["by"], need)
    for ask in needs["asks"]:
        about = ask["problem"]
        yield Deed(-ask["days_ago"], turns[about], about, "ask", ask["by"], ask)
        if answer := ask["answer"]:
            yield Deed(-answer["days_ago"], turns[about], about, answer["as"], ask["who"], {**ask, **answer})
    for turn, report in enumerate(needs["reports"], len(problems)):
        turns[report["key"]] = turn
        yield Deed(-report["days_ago"], turn, report["key"], "report", "", report)
        for kind in ("affected", "followers"):
            for place, handle in enumerate(report[kind], 1):
                yield Deed(-report["days_ago"] * (1 - 0.1 * place), turn, report["key"], kind, handle, {})
        for offer in report["offers"]:
            yield Deed(-offer["days_ago"], turn, report["key"], "offer", offer["by"], offer)
    for one in needs["looked_after"]:
        about = one["problem"]
        yield Deed(-one["days_ago"], turns[about], about, "look_after", one["by"], one)
        if one["yes_days_ago"]:
            poster = problems[about]["poster"]
            yield Deed(-one["yes_days_ago"], turns[about], about, "agree", poster, one)
    for done in needs["done"]:
        yield Deed(-done["days_ago"], turns[done["problem"]], done["problem"], "done", done["by"], done)


def says(told: dict[str, Any], places: dict[str, int]) -> Said:
    """What somebody says of themselves, as the action takes it."""
    said = {"visibility": "public", **told["says"], "tags": told["can"], "words": told["can_words"]}
    times = {name: time.fromisoformat(said[name]) for name in ("quiet_from", "quiet_until") if name in said}
    said["reach_ids"] = [places[slug] for slug in said.pop("reach")]
    whole: Said = {**said, **times}  # type: ignore[typeddict-item]  # the file has what it takes
    return whole


def telling(told: dict[str, Any]) -> Telling:
    return Telling(
        title=told["title"],
        story=told["story"],
        place=told["place"],
        whereabouts=told["where"],
        coordinates=(told["latitude"], told["longitude"]),
        tags=tuple(told["tags"]),
        help_wanted=told["help_wanted"],
    )


def report_of(told: dict[str, Any], at: datetime) -> Report:
    return Report(
        source=told["source"],
        source_id=told["source_id"],
        title=told["title"],
        story=told["story"],
        coordinates=(told["latitude"], told["longitude"]),
        tags=tuple(told["tags"]),
        posted_at=at,
        moved_at=at,
    )
