"""Connections of the driver's own, past SQLAlchemy: for LISTEN, the job queue, and saying what is wrong."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import make_url


def arguments(url: str) -> dict[str, Any]:
    """What ``asyncpg.connect`` and ``asyncpg.create_pool`` take for an address of SQLAlchemy's.

    The engine reads its address in the same way. As a DSN, ``user@:5432/name?host=/folder`` would lead to a
    host without a name. Raises sqlalchemy.exc.ArgumentError for what is no address.
    """
    _, given = PGDialect_asyncpg().create_connect_args(make_url(url))  # type: ignore[no-untyped-call]
    return dict(given)
