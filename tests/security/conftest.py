"""The tests of what must not happen share the world of the house's tests, or have a database to spoil."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from civicboard.kit.embedded import EmbeddedPostgres
from tests.house.world import plain_logs, world

__all__ = ["own_database_url", "plain_logs", "world"]


@pytest.fixture
def own_database_url(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The address of a database whose very schema a test may spoil."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    yield postgres.create_database(name, template)
    postgres.drop_database(name)
