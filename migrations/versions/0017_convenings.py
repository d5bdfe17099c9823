"""Somebody looks after a problem for a while, and an offer knows who answered it.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

RUNNING = "began_at IS NOT NULL AND ended_at IS NULL"
WAITING = "began_at IS NULL AND ended_at IS NULL"
#: Whom a row that stands already may name from now on.
NEW = (("problems", "convenor_id"), ("offers", "answered_by_id"))


def upgrade() -> None:
    # Cut off halfway, all of it is done again.
    op.create_table(
        "convenings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_by_id", sa.BigInteger(), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_convenings_problem_id_problems"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_convenings_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["named_by_id"], ["people.id"], name=op.f("fk_convenings_named_by_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_convenings")),
        if_not_exists=True,
    )
    for name, columns, unique, where in (
        ("running", ["problem_id"], True, RUNNING),
        ("waiting", ["problem_id", "person_id"], True, WAITING),
        ("problem_id", ["problem_id", "id"], False, None),
        ("person_id", ["person_id"], False, None),
        ("ends_at", ["ends_at"], False, "ended_at IS NULL"),
        ("asked_at", ["asked_at"], False, WAITING),
    ):
        op.create_index(
            f"ix_convenings_{name}",
            "convenings",
            columns,
            unique=unique,
            postgresql_where=sa.text(where) if where else None,
            if_not_exists=True,
        )
    for table, column in NEW:
        op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=True), if_not_exists=True)
        op.execute(
            "-- squawk-ignore ban-drop-constraint\n"
            f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS fk_{table}_{column}_people"
        )
        op.create_foreign_key(
            op.f(f"fk_{table}_{column}_people"), table, "people", [column], ["id"], postgresql_not_valid=True
        )
    with op.get_context().autocommit_block():
        for table, column in NEW:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT fk_{table}_{column}_people")


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
