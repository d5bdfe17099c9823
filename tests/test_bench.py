"""What is measured beside the board shows the same board; how fast it is, nobody asks here."""

from __future__ import annotations

import re

import httpx2
import pytest

from bench import bare, data, report
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
