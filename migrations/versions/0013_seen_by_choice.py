"""Nobody else sees what somebody can do until they have chosen who does; what stands there stays as it is.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.alter_column("abilities", "visibility", server_default="matching")


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
