"""An offer knows who brought its maker in, and what was called off may be asked again.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    # Cut off halfway, all of it is done again.
    op.add_column("offers", sa.Column("introduced_by_id", sa.BigInteger(), nullable=True), if_not_exists=True)
    op.execute(
        "-- squawk-ignore ban-drop-constraint\n"
        "ALTER TABLE offers DROP CONSTRAINT IF EXISTS fk_offers_introduced_by_id_people"
    )
    op.create_foreign_key(
        op.f("fk_offers_introduced_by_id_people"),
        "offers",
        "people",
        ["introduced_by_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE offers VALIDATE CONSTRAINT fk_offers_introduced_by_id_people")
        for name in ("ix_offers_introduced_by_id", "ix_asks_need_id", "ix_asks_once"):
            op.drop_index(name, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_offers_introduced_by_id",
            "offers",
            ["introduced_by_id"],
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("introduced_by_id IS NOT NULL"),
        )
        op.create_index("ix_asks_need_id", "asks", ["need_id"], unique=False, postgresql_concurrently=True)
        op.create_index(
            "ix_asks_once",
            "asks",
            ["need_id", "person_id"],
            unique=True,
            postgresql_concurrently=True,
            postgresql_where=sa.text("state <> 'called_off'"),
        )
        # The narrower rule stands, so the wider one can go. The version that still runs meanwhile calls neither by its
        # name, and itself never asks somebody again for the same: what it makes is one for a need and a person.
        op.execute(
            "-- squawk-ignore ban-drop-constraint\nALTER TABLE asks DROP CONSTRAINT IF EXISTS uq_asks_need_id_person_id"
        )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
