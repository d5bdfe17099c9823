"""Words are looked for among the last of the board first, by indexes that have each row's bucket.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from civicboard.kit.migrations import beside_everybody, is_usable

revision = "0020"
down_revision = "0019"

_OUTCOMES = "to_tsvector('civic'::regconfig, why)"
#: Each new index, the one it takes the place of, their table and what they are by.
INDEXES = (
    ("ix_problems_words", "ix_problems_search", "problems", "search"),
    ("ix_posts_words", "ix_posts_search", "posts", "search"),
    ("ix_needs_words", "ix_needs_search", "needs", "search"),
    ("ix_stage_changes_words", "ix_stage_changes_search", "stage_changes", _OUTCOMES),
)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    with beside_everybody(op):
        for name, before, table, words in INDEXES:
            if not is_usable(op, name):
                op.drop_index(name, if_exists=True, postgresql_concurrently=True)
                op.create_index(
                    name,
                    table,
                    [sa.text(words), sa.text("(id / 250)")],
                    postgresql_concurrently=True,
                    postgresql_using="gin",
                    postgresql_with={"gin_pending_list_limit": 256},
                )
            op.drop_index(before, if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
