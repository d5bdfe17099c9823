"""Who was asked lately to look after a problem is left in peace, and each who asks has a question of their own.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # Cut off halfway, all of it is done again.
    op.add_column(
        "convenings",
        sa.Column("is_quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        if_not_exists=True,
    )
    with op.get_context().autocommit_block():
        op.drop_index("ix_convenings_asking", postgresql_concurrently=True, if_exists=True)
        op.create_index(
            "ix_convenings_asking",
            "convenings",
            ["problem_id", "person_id", "named_by_id"],
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=sa.text("began_at IS NULL AND ended_at IS NULL"),
            postgresql_concurrently=True,
        )
        op.drop_index("ix_convenings_waiting", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
