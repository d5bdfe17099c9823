"""What was added to tables in use gets its indexes, and its references are checked, while people go on writing.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INDEXES = (
    "ix_problems_need_kinds",
    "ix_problems_wanting_moved",
    "ix_offers_need_id",
    "ix_offers_until",
    "ix_offers_waiting",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE offers VALIDATE CONSTRAINT fk_offers_need_id_needs")
        op.execute("ALTER TABLE members VALIDATE CONSTRAINT fk_members_introduced_by_id_people")
        # Cut off halfway, PostgreSQL leaves an index that it doesn't use: the next try begins anew.
        for name in INDEXES:
            op.drop_index(name, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_problems_need_kinds",
            "problems",
            ["need_kinds"],
            unique=False,
            postgresql_concurrently=True,
            postgresql_using="gin",
        )
        op.create_index(
            "ix_problems_wanting_moved",
            "problems",
            [sa.literal_column("moved_at DESC"), sa.literal_column("id DESC")],
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("(help_wanted <> '' OR need_count > 0) AND stage <> 'sorted'"),
        )
        op.create_index(op.f("ix_offers_need_id"), "offers", ["need_id"], unique=False, postgresql_concurrently=True)
        op.create_index(
            "ix_offers_until",
            "offers",
            ["until"],
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("state IN ('waiting', 'welcomed')"),
        )
        op.create_index(
            "ix_offers_waiting",
            "offers",
            ["made_at"],
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'waiting'"),
        )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
