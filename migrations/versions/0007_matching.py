"""Texts have meanings, and people are asked to help.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "meanings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("made_of", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vector", HALFVEC(384), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_meanings")),
    )
    op.create_index(
        "ix_meanings_need",
        "meanings",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "halfvec_cosine_ops"},
        postgresql_where=sa.text("kind = 'need'"),
    )
    op.create_index(
        "ix_meanings_outcome",
        "meanings",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "halfvec_cosine_ops"},
        postgresql_where=sa.text("kind = 'outcome'"),
    )
    op.create_index(
        "ix_meanings_person",
        "meanings",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "halfvec_cosine_ops"},
        postgresql_where=sa.text("kind = 'person'"),
    )
    op.create_index(
        "ix_meanings_post",
        "meanings",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "halfvec_cosine_ops"},
        postgresql_where=sa.text("kind = 'post'"),
    )
    op.create_index(
        "ix_meanings_problem",
        "meanings",
        ["vector"],
        unique=False,
        postgresql_using="hnsw",
        postgresql_ops={"vector": "halfvec_cosine_ops"},
        postgresql_where=sa.text("kind = 'problem'"),
    )
    # What people say they can do, and what they are called, as the search looks for it (civicboard/matching/models.py).
    op.create_index(
        "ix_abilities_search",
        "abilities",
        [
            sa.text(
                "to_tsvector('civic'::regconfig, civic_join(tags) || ' ' || words || ' ' || lends || ' '"
                " || civic_join(things) || ' ' || civic_join(rooms))"
            )
        ],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_people_search",
        "people",
        [sa.text("to_tsvector('civic'::regconfig, name || ' ' || handle)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_stage_changes_search",
        "stage_changes",
        [sa.text("to_tsvector('civic'::regconfig, why)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "pleas",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("need_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("ring", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("named", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passed_on_from_id", sa.BigInteger(), nullable=True),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_pleas_by_id_people"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_pleas_need_id_needs"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_pleas_offer_id_offers"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["passed_on_from_id"], ["pleas.id"], name=op.f("fk_pleas_passed_on_from_id_pleas"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_pleas_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pleas")),
        sa.UniqueConstraint("need_id", "person_id", name=op.f("uq_pleas_need_id_person_id")),
    )
    op.create_index(
        "ix_pleas_asked_at", "pleas", ["asked_at"], unique=False, postgresql_where=sa.text("state = 'asked'")
    )
    op.create_index("ix_pleas_due_at", "pleas", ["due_at"], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index("ix_pleas_person_id", "pleas", ["person_id", "asked_at"], unique=False)
    op.create_index(
        "ix_pleas_passed_on_from_id",
        "pleas",
        ["passed_on_from_id"],
        unique=False,
        postgresql_where=sa.text("passed_on_from_id IS NOT NULL"),
    )
    op.create_index(
        "ix_pleas_offer_id", "pleas", ["offer_id"], unique=False, postgresql_where=sa.text("offer_id IS NOT NULL")
    )
    op.create_table(
        "rounds",
        sa.Column("need_id", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("ring", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["need_id"], ["needs.id"], name=op.f("fk_rounds_need_id_needs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("need_id", name=op.f("pk_rounds")),
    )
    op.create_table(
        "waved_away",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_waved_away_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_waved_away_problem_id_problems"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "problem_id", name=op.f("pk_waved_away")),
    )
    op.create_index(op.f("ix_waved_away_problem_id"), "waved_away", ["problem_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
