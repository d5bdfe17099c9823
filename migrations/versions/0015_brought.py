"""What somebody has given to a problem stays beside their name, as what they brought.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("members", sa.Column("brought", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
