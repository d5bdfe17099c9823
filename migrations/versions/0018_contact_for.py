"""How somebody can be reached knows for whom they said it.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

FOR_WHOM = (
    "UPDATE contacts SET for_ids = array_remove(ARRAY[CASE WHEN contacts.person_id = offers.helper_id"
    " THEN coalesce(CASE WHEN offers.state IN ('welcomed', 'ended') THEN offers.answered_by_id END,"
    " problems.poster_id) ELSE offers.helper_id END], NULL)"
    " FROM offers JOIN problems ON problems.id = offers.problem_id"
    " WHERE offers.id = contacts.offer_id AND contacts.for_ids = '{}'"
)


def upgrade() -> None:
    op.add_column(
        "contacts",
        sa.Column("for_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        if_not_exists=True,
    )
    # What stands there was said when the form named the poster alone; the helper is whom the other side told.
    op.execute(FOR_WHOM)


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
