"""A model made of a few ideas: texts with the same idea are alike, whatever their words. It needs no time to load."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from civicboard.kit.meaning import DIMENSIONS, Understanding, Vector

#: Each idea with the starts of the words that it is known by.
IDEAS = (
    ("flood", "cellar", "basement", "water", "culvert", "drain"),
    ("bus", "timetable", "route", "driver"),
    ("lamp", "light", "dark", "electric"),
    ("bench", "carpent", "wood", "seat", "timber"),
    ("dog", "mess", "bins", "litter"),
    ("leaflet", "design", "poster", "print"),
)


def meaning_of(text: str, ideas: Sequence[Sequence[str]] = IDEAS) -> list[float]:
    words = re.findall(r"[a-z]+", text.lower())
    vector = [0.0] * DIMENSIONS
    for number, starts in enumerate(ideas):
        vector[number] = float(sum(word.startswith(tuple(starts)) for word in words))
    # Never all nothing, and a little of each text's own.
    vector[len(ideas) + sum(text.encode()) % 300] += 0.1
    length = math.sqrt(sum(number * number for number in vector))
    return [number / length for number in vector]


class FewIdeas(Understanding):
    """What an application or a job takes for its model; ``away`` makes it fail, ``asked`` is what it was asked."""

    def __init__(self, model_id: str = "few-ideas") -> None:
        super().__init__("none")
        self._id = model_id
        self.away = False
        self.asked: list[str] = []
        #: What it says of some queries, whatever their words.
        self.answers: dict[str, Vector] = {}

    @property
    def model_id(self) -> str:
        return self._id

    @property
    def least(self) -> float:
        return 0.2

    @property
    def sure(self) -> float:
        return 0.3

    @property
    def near(self) -> float:
        return 0.7

    @property
    def state(self) -> str:
        return "The model that reads meaning doesn't answer: away" if self.away else "ok"

    def wake(self) -> None:
        self.asked.append("wake")

    async def of_query(self, text: str, *, patience: float = 1.0) -> Vector | None:
        self.asked.append(text)
        return None if self.away else self.answers.get(text) or meaning_of(text)

    async def of_documents(self, texts: Sequence[str]) -> list[Vector] | None:
        self.asked += texts
        return None if self.away else [meaning_of(text) for text in texts]
