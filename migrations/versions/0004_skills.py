"""People say in more detail what they can do and lend, in words of a vocabulary.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "skills",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("synonyms", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["people.id"], name=op.f("fk_skills_changed_by_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("tag", name=op.f("pk_skills")),
    )
    op.create_index("ix_skills_synonyms", "skills", ["synonyms"], unique=False, postgresql_using="gin")
    op.create_table(
        "skill_changes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_skill_changes_by_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_changes")),
    )
    op.create_index("ix_skill_changes_by_id", "skill_changes", ["by_id"], unique=False)
    op.add_column(
        "abilities",
        sa.Column("levels", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "abilities", sa.Column("things", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "abilities", sa.Column("rooms", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "abilities",
        sa.Column("reach_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("abilities", sa.Column("online_only", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "abilities", sa.Column("languages", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("abilities", sa.Column("hours_a_week", sa.Double(), nullable=True))
    op.add_column(
        "abilities", sa.Column("free", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("abilities", sa.Column("quiet_from", sa.Time(), server_default=sa.text("'21:00'"), nullable=False))
    op.add_column("abilities", sa.Column("quiet_until", sa.Time(), server_default=sa.text("'08:00'"), nullable=False))
    op.add_column("abilities", sa.Column("timezone", sa.Text(), server_default="", nullable=False))
    op.add_column("abilities", sa.Column("visibility", sa.Text(), server_default="public", nullable=False))
    op.add_column("abilities", sa.Column("asks_a_week", sa.BigInteger(), server_default=sa.text("2"), nullable=False))
    op.add_column("abilities", sa.Column("said_at", sa.DateTime(timezone=True), nullable=True))
    # What people lend was one text, and is things now, a line each. What older processes still write there is read too.
    op.execute(
        r"UPDATE abilities SET lends = '', things = ARRAY("
        r"SELECT trim(line) FROM regexp_split_to_table(lends, '\n') WITH ORDINALITY AS told (line, turn)"
        r" WHERE trim(line) <> '' ORDER BY turn) WHERE lends <> ''"
    )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
