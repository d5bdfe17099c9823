"""How good a ranking is. Pure functions.

``ranked`` are ids, best first, none twice. ``grades`` says of an id 2 for "just the right one" and 1 for "could help";
whatever isn't in it is judged of no use.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RIGHT, COULD = 2, 1


def recall_at(most: int, ranked: Sequence[str], grades: Mapping[str, int], *, least: int = COULD) -> float:
    """The share of all with this grade or more that are among the first ``most``."""
    suitable = {one for one, grade in grades.items() if grade >= least}
    return len(suitable.intersection(ranked[:most])) / len(suitable) if suitable else 0.0


def reciprocal_rank(ranked: Sequence[str], grades: Mapping[str, int], *, least: int = COULD) -> float:
    """One divided by the place of the first with this grade or more; 0 if there is none."""
    for place, one in enumerate(ranked, 1):
        if grades.get(one, 0) >= least:
            return 1 / place
    return 0.0


def ndcg_at(most: int, ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Discounted gain of the first ``most``, as a share of the best there could be (Järvelin and Kekäläinen, 2002).

    The gain is 2 to the power of the grade less 1: 3 for the right one, 1 for one that could help.
    """
    best = _gain(sorted(grades.values(), reverse=True)[:most])
    return _gain([grades.get(one, 0) for one in ranked[:most]]) / best if best else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 1) for place, grade in enumerate(grades, 1))


def above(other: str, ranked: Sequence[str], grades: Mapping[str, int]) -> bool:
    """Whether this one, which is of no use, stands above everything that is just right."""
    for one in ranked:
        if one == other:
            return True
        if grades.get(one, 0) >= RIGHT:
            return False
    return False


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over all that was asked. ``right`` is the recall at 5 of the right ones alone."""

    recall: float
    mrr: float
    ndcg: float
    right: float
    asked: int


def score(ranked: Mapping[str, Sequence[str]], grades: Mapping[str, Mapping[str, int]]) -> Scores:
    """What was ranked for each that was asked for; who is asked for and has no ranking, scores nothing."""
    each = [(ranked.get(asked, ()), given) for asked, given in grades.items()]

    def mean(values: Sequence[float]) -> float:
        return statistics.fmean(values) if values else 0.0

    return Scores(
        recall=mean([recall_at(5, found, given) for found, given in each]),
        mrr=mean([reciprocal_rank(found, given) for found, given in each]),
        ndcg=mean([ndcg_at(10, found, given) for found, given in each]),
        right=mean([recall_at(5, found, given, least=RIGHT) for found, given in each]),
        asked=len(each),
    )
