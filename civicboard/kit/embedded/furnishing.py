"""What the board finds in its server: a role without power, a database, and the extensions."""

from __future__ import annotations

import re

from civicboard.kit.embedded.programs import EmbeddedError
from civicboard.kit.embedded.server import Server

ROLE = DATABASE = "civicboard"
EXTENSIONS = ("vector", "pg_trgm", "btree_gin", "unaccent")

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def furnish(server: Server) -> None:
    """See to it that the board's role, database and extensions are there. Raises EmbeddedError."""
    extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS)
    known_database = "SELECT 1 FROM pg_database WHERE datname = 'civicboard'"
    known_role = "SELECT 1 FROM pg_roles WHERE rolname = 'civicboard'"
    if not server.run_sql("postgres", known_database, "-At"):
        server.run_sql("template1", extensions)  # so that every database made later has them
        if not server.run_sql("postgres", known_role, "-At"):
            server.run_sql("postgres", f"CREATE ROLE {ROLE} LOGIN")
        server.run_sql("postgres", f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    server.run_sql(DATABASE, extensions)


def checked(name: str) -> str:
    """A name that is fit for a database. Raises EmbeddedError for any other."""
    if not _NAME.fullmatch(name):
        raise EmbeddedError(f"{name!r} can't name a database: use small letters, digits and underscores.")
    return name
