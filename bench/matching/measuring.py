"""The rows of matching: by words and by meaning in one run; then how long it takes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from bench.matching import filling, ranking, timing
from bench.matching.curves import curves
from bench.matching.judged import DIRECTIONS, read_set
from bench.matching.model import Model
from bench.measure import Plan
from bench.report import Row

#: What a figure is called, and where it is in the scores.
FIGURES = {"R@5": "recall", "MRR": "mrr", "nDCG@10": "ndcg"}
#: Times of SPEED's table, in the database: goal by what is asked.
GOALS = {"found": 2.0, "slips": None, "words": None, "search": 15.0, "people": None, "problems": None}
NAMES = {
    "found": "Search by words that are found",
    "slips": "Search by words of which one is in no text",
    "words": "Search by words, all queries of the set",
    "search": "Search by words and meaning",
    "people": "Match a need with people",
    "problems": "Match a person with problems",
}
NEEDED = {
    "found": {"ix_problems_words"},
    "slips": {"ix_problems_similar"},
    "words": {"ix_problems_words"},
    "search": {"ix_meanings_problem"},
    "people": {"ix_meanings_person"},
    "problems": {"ix_meanings_problem", "ix_meanings_need"},
}


async def measure_matching(plan: Plan) -> AsyncIterator[Row]:
    """How good: every way beside keywords, over the same tables."""
    judged, model = read_set(), Model()
    plan.tick("Matching: the evaluation set")
    url = plan.empty("bench_matching_set")
    numbers = await filling.fill(url, judged, model)
    quality = await ranking.rank_all(url, judged, numbers, model)
    (plan.folder / "matching.json").write_text(json.dumps(quality.ranked, indent=1))
    points = {direction: [asdict(point) for point in found] for direction, found in curves(judged, model)}
    (plan.folder / "curves.json").write_text(json.dumps(points, indent=1))
    for name, (found, asked) in quality.nonsense.items():
        title = f"Search for what the board has nothing about: {name}"
        yield Row(f"matching-nonsense-{name}", title, "found something", [found], note=f"{asked} asked")
    for direction, name in DIRECTIONS.items():
        ways = quality.scores[direction]
        pairs = len(judged.lookalikes[direction])
        for way, scores in ways.items():
            if way == "keywords":
                continue
            for figure, part in FIGURES.items():
                mine, theirs = getattr(scores, part), getattr(ways["keywords"], part)
                note = f"{scores.asked} asked"
                if figure == "R@5":
                    fooled = quality.fooled[direction]
                    note += f"; right ones {scores.right:.2f}, by keywords {ways['keywords'].right:.2f}"
                    note += f"; taken in by {fooled[way]} of {pairs} lookalikes, keywords by {fooled['keywords']}"
                key = f"matching-{direction}-{re.sub('[^a-z]+', '-', way)}-{part}"
                yield Row(key, f"{name}, by {way}", figure, [mine], [theirs], "keywords", note=note)


async def measure_match_time(plan: Plan) -> AsyncIterator[Row]:
    """How long: one question after the other, in the database."""
    judged, model, share = read_set(), Model(), plan.share
    began = time.perf_counter()
    name = "bench_matching_town" if share == 1 else "bench_matching_village"
    url, ready = plan.kept(name)
    made = "made before"
    if not ready.exists():
        url = plan.empty(name)
        await timing.fill(url, judged, model, share=share, told=plan.tick)
        ready.touch()
        made = f"made in {time.perf_counter() - began:.0f} s"
    found = await timing.time_all(url, judged, model, rounds=plan.rounds, told=plan.tick)
    size = f"{timing.PEOPLE * share:,.0f} people, {timing.PROBLEMS * share:,.0f} problems"
    for name, timed in found.items():
        missing = NEEDED[name] - timed.indexes
        used = f"does NOT use {', '.join(sorted(missing))}" if missing else "by index"
        note = f"{timed.asked} asked; {used}; {made}"
        title, way = f"{NAMES[name]}: {size}", f"p95 {timed.p95:.1f}"
        unit = "ms p50 in the database"
        yield Row(f"match-time-{name}", title, unit, timed.inside, reach=GOALS[name], note=note)
        if timed.bare:
            yield Row(f"match-bare-{name}", title, unit, timed.inside, timed.bare, "newest match first")
        yield Row(f"match-took-{name}", title, "ms p50 with the way there and back", timed.took, note=way)
        yield Row(f"match-cpu-{name}", title, "CPU ms of the database", timed.cpu)
    took: list[float] = []
    for query in judged.queries[:30]:
        started = time.process_time()
        model.encode([query["words"]])
        took.append((time.process_time() - started) * 1000)
    yield Row("match-embed", "What a query means, made by the model", "CPU ms", sorted(took)[5:-5])


MEASURES: dict[str, Any] = {"matching": measure_matching, "match-time": measure_match_time}
