"""The table of what people are asked gets their word for it, and is found by its old name as well.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

CONSTRAINTS = (
    "pk_{}",
    "uq_{}_need_id_person_id",
    "fk_{}_by_id_people",
    "fk_{}_need_id_needs",
    "fk_{}_offer_id_offers",
    "fk_{}_passed_on_from_id_{}",
    "fk_{}_person_id_people",
)
INDEXES = (
    "ix_{}_asked_at",
    "ix_{}_due_at",
    "ix_{}_person_id",
    "ix_{}_passed_on_from_id",
    "ix_{}_offer_id",
)


def upgrade() -> None:
    # The version that still runs meanwhile reads, locks and writes through a view of the old name, which PostgreSQL
    # takes for the table itself: both come in one transaction, so that no statement misses either of them. It calls
    # none of the other things by their names.
    op.execute("-- squawk-ignore renaming-table\nALTER TABLE pleas RENAME TO asks")
    for name in CONSTRAINTS:
        was, is_now = (name.format(table, table) for table in ("pleas", "asks"))
        op.execute(f"-- squawk-ignore renaming-object\nALTER TABLE asks RENAME CONSTRAINT {was} TO {is_now}")
    for name in INDEXES:
        op.execute(
            f"-- squawk-ignore renaming-object\nALTER INDEX {name.format('pleas')} RENAME TO {name.format('asks')}"
        )
    op.execute("-- squawk-ignore renaming-object\nALTER SEQUENCE pleas_id_seq RENAME TO asks_id_seq")
    op.execute(
        "CREATE VIEW pleas AS SELECT id, need_id, person_id, by_id, ring, made_at, due_at, why, words, contact, named,"
        " state, asked_at, answered_at, passed_on_from_id, offer_id FROM asks"
    )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
