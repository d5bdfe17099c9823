"""One small world for each file of the tests that knock at every door: a new one for every try would take minutes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog

from civicboard.kit.embedded import EmbeddedPostgres
from tests.house.doors import World, open_world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("world")
    async with open_world(postgres, template, f"world_{uuid.uuid4().hex[:12]}", folder) as made:
        yield made


@pytest.fixture(scope="module", autouse=True)
def plain_logs() -> Iterator[None]:
    """As the board writes them: structlog's own way draws every variable round an error, which takes seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()
