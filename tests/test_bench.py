"""What is measured beside the board shows the same board; how fast it is, nobody asks here."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import httpx2
import numpy as np
import pytest

from bench import bare, data, report
from bench.matching import curves, filling, ranking, scores, timing
from bench.matching.judged import DIRECTIONS, read_set
from civicboard.settings import Settings
from tests.conftest import client_for, running

PROBLEMS = 60


def numbers_on(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<article class="notice [^"]*" id="problem-(\d+)"', html)]


async def page_of(app: object, path: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app)  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get(path)


@pytest.fixture
async def town(settings: Settings, postgres, template: str) -> Settings:  # type: ignore[no-untyped-def]
    """Settings for a database with a made-up town in it."""
    name = "bench_smoke"
    postgres.drop_database(name)
    url = postgres.create_database(name)
    await data.fill(url, PROBLEMS)
    return settings.model_copy(update={"database_url": url})


async def test_the_bare_variants_serve_the_same_board(town: Settings) -> None:
    async with running(town) as app, client_for(app) as client:
        shown = numbers_on((await client.get("/")).text)
        again = await client.get("/")
        path = (await client.get(f"/problems/{data.SHOWN}")).headers["location"]
        problem = (await client.get(path)).text
    assert len(shown) == 25
    assert numbers_on(again.text) == shown
    posts = re.findall(r'id="(post-\d+)"', problem)
    assert len(posts) == data.POSTS_SHOWN
    for kind in ("l1", "l2"):
        variant = bare.make(kind, town)
        await variant.start()
        try:
            assert numbers_on((await page_of(variant, "/")).text) == shown
            assert numbers_on((await page_of(variant, "/")).text) == shown
        finally:
            await variant.stop()
    variant = bare.make("problem", town)
    await variant.start()
    try:
        for _ in range(2):
            assert re.findall(r'id="(post-\d+)"', (await page_of(variant, path)).text) == posts
    finally:
        await variant.stop()


async def test_an_unchanged_board_is_told_by_its_tag(town: Settings) -> None:
    """And never to somebody who brings a cookie, nor when another address is asked for."""
    async with running(town) as app, client_for(app) as client:
        first = await client.get("/")
        tag = first.headers["etag"]
        assert (await client.get("/", headers={"If-None-Match": tag})).status_code == 304
        other = await client.get("/?stage=open", headers={"If-None-Match": tag})
        assert other.status_code == 200
        mine = await client.get("/", headers={"If-None-Match": tag, "Cookie": f"session={data.TOKEN}"})
        assert mine.status_code == 200
        assert "etag" not in mine.headers
        assert "Account" in mine.text


def test_a_ratio_is_told_with_its_goal() -> None:
    share = report.Row("a", "A", "CPU ms", [2.0, 2.2, 1.8], [1.0, 1.1, 0.9], "L2", 0.6, True)
    assert share.ratio == pytest.approx(0.5)
    assert share.reached is False
    cost = report.Row("b", "B", "µs", [10.0], [20.0], "broadcast", 0.8)
    assert cost.ratio == pytest.approx(0.5)
    assert cost.reached
    assert "(missed)" in report.markdown([share])
    assert report.figures([1.0, 3.0, 2.0]) == "2 (1–3)"


def test_scores_of_a_ranking_as_worked_out_by_hand() -> None:
    grades = {"a": 2, "b": 1, "c": 1, "d": 2}
    ranked = ["x", "b", "a", "y", "z", "c"]
    assert scores.recall_at(5, ranked, grades) == pytest.approx(2 / 4)
    assert scores.recall_at(5, ranked, grades, least=scores.RIGHT) == pytest.approx(1 / 2)
    assert scores.recall_at(6, ranked, grades) == pytest.approx(3 / 4)
    assert scores.reciprocal_rank(ranked, grades) == pytest.approx(1 / 2)
    assert scores.reciprocal_rank(ranked, grades, least=scores.RIGHT) == pytest.approx(1 / 3)
    assert scores.above("x", ranked, grades)
    assert scores.above("b", ranked, grades)
    assert not scores.above("y", ranked, grades)
    assert not scores.above("elsewhere", ["x"], grades)
    # Gains 1, 3, 1 in the places 2, 3, 6; at best 3, 3, 1, 1 in the first four.
    # 1/1.58496 + 3/2 + 1/2.80735 = 2.48714; 3/1 + 3/1.58496 + 1/2 + 1/2.32193 = 5.82347.
    assert scores.ndcg_at(10, ranked, grades) == pytest.approx(2.48714 / 5.82347, abs=1e-5)
    assert scores.ndcg_at(3, ranked, grades) == pytest.approx(2.13093 / 5.39279, abs=1e-5)
    assert scores.ndcg_at(10, ["d", "a", "c", "b", "x"], grades) == pytest.approx(1)


def test_a_ranking_that_is_empty_or_wrong_scores_nothing() -> None:
    for ranked in ([], ["x", "y"]):
        assert scores.recall_at(5, ranked, {"a": 2}) == 0
        assert scores.reciprocal_rank(ranked, {"a": 2}) == 0
        assert scores.ndcg_at(10, ranked, {"a": 2}) == 0
    assert scores.recall_at(5, ["x"], {}) == scores.ndcg_at(10, ["x"], {}) == 0
    all_of_it = scores.score({"one": ["a"]}, {"one": {"a": 2}, "other": {"b": 1}})
    assert (all_of_it.recall, all_of_it.mrr, all_of_it.ndcg, all_of_it.right) == (0.5, 0.5, 0.5, 0.5)
    assert all_of_it.asked == 2


def test_what_a_threshold_keeps_as_worked_out_by_hand() -> None:
    similar = np.array([[0.5, 0.3, 0.22, 0.1], [0.26, 0.21, 0.0, 0.0]], dtype=np.float32)
    grades = {"a": {"w": 2, "x": 1, "z": 2}, "b": {"x": 2}}
    points = {one.least: one for one in curves.curve(similar, ["a", "b"], list("wxyz"), grades, most=3)}
    assert points[0.2] == curves.Point(0.2, shown=2.5, precision=3 / 5, recall=3 / 4, right=2 / 3, empty=0)
    assert points[0.28] == curves.Point(0.28, shown=1, precision=1, recall=2 / 4, right=1 / 3, empty=1)
    assert points[0.0].shown == 3, "so many at most"


def test_the_evaluation_set_is_whole_and_says_one_thing() -> None:
    judged = read_set()
    problem_of = {need["id"]: problem["id"] for problem in judged.problems for need in problem["needs"]}
    problems = {problem["id"] for problem in judged.problems}
    people = {person["id"] for person in judged.people}
    queries = {query["id"] for query in judged.queries}
    sides = {
        "need_people": (set(problem_of), people),
        "person_problems": (people, problems),
        "query_problems": (queries, problems),
    }
    assert len(problems) == len(judged.problems) >= 45
    assert len(people) == len(judged.people) >= 65
    assert len(problem_of) == len(judged.needs) >= 40
    assert len(queries) == len(judged.queries) >= 35
    assert judged.judgements >= 700
    assert sum(problem["from"] == "reports" for problem in judged.problems) >= 20
    for direction in DIRECTIONS:
        asked, found = sides[direction]
        grades = judged.grades[direction]
        assert set(grades) == asked
        assert {one for given in grades.values() for one in given} <= found
        # Whoever is asked for has at least one that is just right.
        assert all(2 in given.values() for given in grades.values())
        for one, other in judged.lookalikes[direction]:
            assert one in asked
            assert other in found - set(grades[one])
    # Who could help with a need could help with the problem that has it, and who is right for it is right for that.
    for need, given in judged.grades["need_people"].items():
        for person, grade in given.items():
            assert judged.grades["person_problems"][person].get(problem_of[need], 0) >= grade


class Letters:
    """In the place of a model: what a text's words are, not what they mean, so that nothing has to be loaded."""

    def encode(self, texts: Sequence[str]) -> Any:
        vectors = np.zeros((len(texts), 384), dtype=np.float32)
        for number, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[number, zlib.crc32(word.encode()) % 384] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-9)


@pytest.fixture
def emptied_for_matching(postgres, template: str) -> str:  # type: ignore[no-untyped-def]
    postgres.drop_database("bench_matching")
    return str(postgres.create_database("bench_matching", template))


async def test_each_way_of_matching_ranks_the_same_set(emptied_for_matching: str) -> None:
    judged, letters = read_set(), Letters()
    numbers = await filling.fill(emptied_for_matching, judged, letters)  # type: ignore[arg-type]
    quality = await ranking.rank_all(emptied_for_matching, judged, numbers, letters)  # type: ignore[arg-type]
    known = {"need_people": len(judged.people)} | dict.fromkeys(["person_problems", "query_problems"], 55)
    for direction in DIRECTIONS:
        assert {"keywords", "meaning"} <= set(quality.ranked[direction])
        for way, ranked in quality.ranked[direction].items():
            assert set(ranked) == set(judged.grades[direction])
            for found in ranked.values():
                assert len(set(found)) == len(found)
                assert "meaning" not in way or len(found) == known[direction]
            assert 0 < quality.scores[direction][way].mrr <= 1
    assert quality.ranked["query_problems"]["keywords"]["q-14"][:1] == ["route-14"]


async def test_matching_is_timed_in_a_small_town_too(emptied_for_matching: str) -> None:
    judged, letters = read_set(), Letters()
    await timing.fill(emptied_for_matching, judged, letters, share=0.003, told=lambda _: None)  # type: ignore[arg-type]
    found = await timing.time_all(emptied_for_matching, judged, letters, rounds=1, told=lambda _: None)  # type: ignore[arg-type]
    assert set(found) == {"found", "slips", "words", "search", "people", "problems"}
    assert found["found"].asked + found["slips"].asked == found["words"].asked == len(judged.queries)
    assert all(len(timed.took) == len(timed.inside) == 1 and timed.p95 > 0 for timed in found.values())
    assert all(timed.inside[0] > 0 and timed.took[0] > 0 for timed in found.values())
