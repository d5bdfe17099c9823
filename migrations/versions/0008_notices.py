"""People have notices.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("about", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notices_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("person_id", "once", name=op.f("uq_notices_person_id_once")),
    )
    op.create_index("ix_notices_made_at", "notices", ["made_at"], unique=False)
    op.create_index("ix_notices_person_id", "notices", ["person_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "ix_notices_unread", "notices", ["person_id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
