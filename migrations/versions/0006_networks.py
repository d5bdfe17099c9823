"""The people round a problem can leave, stay together and write to each other.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "networks",
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("about", sa.Text(), server_default="", nullable=False),
        sa.Column("stays", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("setweight(to_tsvector('civic', name), 'A') || to_tsvector('civic', about)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["people.id"], name=op.f("fk_networks_changed_by_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_networks_problem_id_problems"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("problem_id", name=op.f("pk_networks")),
    )
    op.create_index(
        "ix_networks_staying",
        "networks",
        ["changed_at", "problem_id"],
        unique=False,
        postgresql_where=sa.text("stays"),
    )
    op.create_index(
        "ix_networks_search",
        "networks",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("stays"),
    )
    op.add_column("members", sa.Column("introduced_by_id", sa.BigInteger(), nullable=True))
    op.add_column("members", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "members",
        sa.Column("capacities", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    # In which capacities people have spoken so far. Posters have no row yet, and get theirs when they speak again.
    op.execute(
        "UPDATE members SET capacities = said.capacities FROM"
        " (SELECT problem_id, author_id, array_agg(DISTINCT capacity) AS capacities FROM posts GROUP BY 1, 2) AS said"
        " WHERE members.problem_id = said.problem_id AND members.person_id = said.author_id"
    )
    op.create_foreign_key(
        op.f("fk_members_introduced_by_id_people"),
        "members",
        "people",
        ["introduced_by_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )
    op.create_table(
        "members_posts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("problem_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("invites_to_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_members_posts_author_id_people")),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problems.id"], name=op.f("fk_members_posts_problem_id_problems"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invites_to_id"],
            ["problems.id"],
            name=op.f("fk_members_posts_invites_to_id_problems"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members_posts")),
        sa.UniqueConstraint("author_id", "form_key", name=op.f("uq_members_posts_author_id_form_key")),
        sa.UniqueConstraint("problem_id", "invites_to_id", name=op.f("uq_members_posts_problem_id_invites_to_id")),
    )
    op.create_index("ix_members_posts_author_id", "members_posts", ["author_id"], unique=False)
    op.create_index("ix_members_posts_invites_to_id", "members_posts", ["invites_to_id"], unique=False)
    op.create_index("ix_members_posts_problem_id", "members_posts", ["problem_id", "id"], unique=False)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
