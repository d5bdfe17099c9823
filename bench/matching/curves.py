"""What a threshold of similarity keeps, and what it loses: by how alike two texts must be to be shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.matching.judged import FOLDER, Grades, Judged
from bench.matching.model import Model, Vectors, said
from bench.matching.scores import RIGHT

LEAST = (0.0, 0.1, 0.15, 0.2, 0.22, 0.25, 0.28, 0.3, 0.33, 0.35, 0.4, 0.5)


@dataclass(frozen=True, slots=True)
class Point:
    """With ``least``: how many are shown of each on average, what share of them suits, what share of all that suit is
    shown, what share of the just right ones; and to how many that ask nothing is shown."""

    least: float
    shown: float
    precision: float
    recall: float
    right: float
    empty: int


def curve(similar: Vectors, asked: Sequence[str], there: Sequence[str], grades: Grades, *, most: int) -> list[Point]:
    """A point for each of LEAST; of each row of ``similar`` the best ``most`` are shown."""
    given = np.array([[grades.get(one, {}).get(other, 0) for other in there] for one in asked])
    place = (-similar).argsort(axis=1).argsort(axis=1)
    found = []
    for least in LEAST:
        shown = (similar >= least) & (place < most)
        suits = int((shown & (given > 0)).sum())
        right = int((shown & (given == RIGHT)).sum())
        found.append(
            Point(
                least,
                shown=float(shown.sum(axis=1).mean()),
                precision=suits / max(1, int(shown.sum())),
                recall=suits / max(1, int((given > 0).sum())),
                right=right / max(1, int((given == RIGHT).sum())),
                empty=int((shown.sum(axis=1) == 0).sum()),
            )
        )
    return found


def curves(judged: Judged, model: Model) -> Iterator[tuple[str, list[Point]]]:
    """Query → problems, of which a search shows thirty; need → people, of whom ten are shown."""
    problems = model.encode([said(one) for one in judged.problems])
    there = [one["id"] for one in judged.problems]
    asked = model.encode([one["words"] for one in judged.queries])
    queries = [one["id"] for one in judged.queries]
    yield "query_problems", curve(asked @ problems.T, queries, there, judged.grades["query_problems"], most=30)
    titled = [(need["id"], f"{one['title']}\n{said(need)}") for one in judged.problems for need in one["needs"]]
    people = model.encode([said(one) for one in judged.people])
    wanted = model.encode([text for _, text in titled])
    able = [one["id"] for one in judged.people]
    needs = [number for number, _ in titled]
    yield "need_people", curve(wanted @ people.T, needs, able, judged.grades["need_people"], most=10)


def nonsense() -> dict[str, list[str]]:
    """What nobody means anything by, and what is of no use to a town, by these names: gibberish, elsewhere."""
    found: dict[str, list[str]] = json.loads((FOLDER / "nonsense.json").read_text(encoding="utf-8"))
    return found
