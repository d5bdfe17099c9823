from __future__ import annotations

import httpx2

from tests.cast import Cast


async def test_a_stranger_sees_the_board(client: httpx2.AsyncClient, cast: Cast) -> None:
    page = await client.get("/")
    assert page.status_code == 200
    assert "Basements on Brook Lane flood" in page.text
    assert "someone who can read a culvert survey" in page.text
