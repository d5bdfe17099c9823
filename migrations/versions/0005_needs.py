"""Problems say what they need, and offers answer a need and pass on how to reach each other.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "needs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("hours", sa.Double(), nullable=True),
        sa.Column("by", sa.Date(), nullable=True),
        sa.Column("where", sa.Text(), server_default="either", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("ring", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("ring_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed(
                "setweight(to_tsvector('civic', what), 'A') || setweight(to_tsvector('civic', civic_join(tags)), 'A')"
                " || setweight(to_tsvector('civic', words), 'B')",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_needs_by_id_people")),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_needs_problem_id_problems"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
        sa.UniqueConstraint("by_id", "form_key", name=op.f("uq_needs_by_id_form_key")),
    )
    op.create_index("ix_needs_by_id", "needs", ["by_id"], unique=False)
    op.create_index("ix_needs_open", "needs", ["ring_since"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_needs_problem_id", "needs", ["problem_id", "id"], unique=False)
    op.create_index("ix_needs_search", "needs", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_needs_tags", "needs", ["tags"], unique=False, postgresql_using="gin")
    op.add_column("problems", sa.Column("need_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "problems", sa.Column("need_kinds", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column(
        "problems", sa.Column("need_words", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.add_column("offers", sa.Column("need_id", sa.BigInteger(), nullable=True))
    op.add_column("offers", sa.Column("limits", sa.Text(), server_default="", nullable=False))
    op.add_column("offers", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("offers", sa.Column("hours_given", sa.Double(), nullable=True))
    op.add_column("offers", sa.Column("done", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_foreign_key(
        op.f("fk_offers_need_id_needs"),
        "offers",
        "needs",
        ["need_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )
    op.create_table(
        "contacts",
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], name=op.f("fk_contacts_offer_id_offers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_contacts_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("offer_id", "person_id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_person_id"), "contacts", ["person_id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
