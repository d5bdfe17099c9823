"""What makes the tests quick whatever the machine: nothing of what they tell depends on it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache

from civicboard import app
from civicboard.kit import assets, database, migrations, partials

#: Folders in memory, where there are any, and how much must be free there, in bytes.
MEMORY = Path("/dev/shm")
ENOUGH = 6_000_000_000


def make_haste() -> None:
    """Called once in each process of the tests, before anything is started or made; processes started later follow.

    Databases of tests live for minutes: copying one takes ten times as long on a disk as in memory. And a web process
    starts in half the time where Python may keep what it has compiled.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    _compile_once()
    _read_once()
    partials.Environment = partial(Environment, bytecode_cache=Compiled())


class Compiled(BytecodeCache):
    """What templates were compiled to: nearly every test has an application of its own, and reads the same ones.

    A template counts as the same while its file and all that is written in it are.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


def _compile_once() -> None:
    """SQLAlchemy keeps the SQL of a statement with the engine, and nearly every test has engines of its own."""
    compiled: LRUCache[Any, Any] = LRUCache(5000)
    create = database.create_async_engine

    def sharing(*arguments: Any, **named: Any) -> AsyncEngine:
        engine = create(*arguments, **named)
        engine.sync_engine._compiled_cache = compiled
        return engine

    database.create_async_engine = sharing
    # The dialect is part of the key: all those of one kind are alike here.
    PGDialect_asyncpg.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[assignment, method-assign]
    PGDialect_asyncpg.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]


def _read_once() -> None:
    """Each application reads the static files and which migration is the newest: both stay as they are."""
    read = cache(assets.Assets)
    app.Assets = lambda root, reload: assets.Assets(root, reload=True) if reload else read(root)  # type: ignore
    migrations.newest = cache(migrations.newest)
