"""A browser, and a provider that can be told to misbehave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette

from civicboard.people.gateway import (
    Gateway,
)
from tests.people.gateway.signing_in import BOARD, through
from tests.providers.forge import Forge
from tests.providers.loopback import Browser, serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with Browser(BOARD) as made:
        yield made


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    forges: list[Forge] = []

    def make(origin: str) -> Starlette:
        forges.append(Forge(origin))
        return forges[0].app()

    with serving(make):
        yield forges[0]


@pytest.fixture
def gateway(forge: Forge) -> Gateway:
    forge.behave()
    return through(forge)
