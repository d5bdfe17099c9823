"""Notices and events that were kept before name an ask by its new word as well.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # In a transaction of its own, so that nobody waits for the table above while rows are looked through. Notices keep
    # the old word beside it, by which the version that still runs finds them.
    op.execute(
        "UPDATE notices SET about = about || jsonb_build_object('ask_id', about->'plea_id')"
        " WHERE kind = 'asked' AND jsonb_exists(about, 'plea_id')"
    )
    # No page shows these three in that version, which passes over what it can't read.
    op.execute(
        "UPDATE events SET data = data - 'plea_id' || jsonb_build_object('ask_id', data->'plea_id')"
        " WHERE kind IN ('PersonAsked', 'AskAnswered', 'AskEnded') AND jsonb_exists(data, 'plea_id')"
    )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
