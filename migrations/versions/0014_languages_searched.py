"""What people can do is searched by the languages they speak as well.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Cut off halfway, PostgreSQL leaves an index that it doesn't use: the next try begins anew.
        op.drop_index("ix_abilities_said", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_abilities_said",
            "abilities",
            [
                sa.text(
                    "to_tsvector('civic'::regconfig, civic_join(tags) || ' ' || words || ' ' || lends || ' '"
                    " || civic_join(things) || ' ' || civic_join(rooms) || ' ' || civic_join(languages))"
                )
            ],
            unique=False,
            postgresql_concurrently=True,
            postgresql_using="gin",
        )
        # The version that still runs finds the same without it, only slower, until it is replaced.
        op.drop_index("ix_abilities_search", if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
