"""The evaluation set as it lies beside this file: problems with needs, people, queries, and what suits what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench.matching.scores import COULD, RIGHT

FOLDER = Path(__file__).parent / "set"
DIRECTIONS: dict[str, str] = {
    "need_people": "need → people",
    "person_problems": "person → problems",
    "query_problems": "query → problems",
}

Grades = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts, each a dictionary with an ``id``; ``grades`` by direction; ``lookalikes`` as (asked, not this one)."""

    problems: list[dict[str, Any]]
    people: list[dict[str, Any]]
    queries: list[dict[str, Any]]
    grades: dict[str, Grades]
    lookalikes: dict[str, list[tuple[str, str]]]

    @property
    def needs(self) -> list[dict[str, Any]]:
        return [need for problem in self.problems for need in problem["needs"]]

    @property
    def judgements(self) -> int:
        return sum(len(given) for grades in self.grades.values() for given in grades.values())


def _read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def read_set() -> Judged:
    grades = {
        direction: {
            asked: dict.fromkeys(given["right"], RIGHT) | dict.fromkeys(given["could"], COULD)
            for asked, given in _read(direction).items()
        }
        for direction in DIRECTIONS
    }
    lookalikes: dict[str, list[tuple[str, str]]] = {direction: [] for direction in DIRECTIONS}
    for one in _read("lookalikes"):
        lookalikes[one["direction"]].append((one["asked"], one["not"]))
    return Judged(_read("problems"), _read("people"), _read("queries"), grades, lookalikes)
