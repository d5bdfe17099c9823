"""What was given before counts as brought, too; and what the clock looks for each minute has its indexes.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

INDEXES = ("ix_offers_ended_at", "ix_needs_by")


def upgrade() -> None:
    # In a transaction of its own, so that nobody waits for the table above while rows are looked through. Done again,
    # it finds nothing more to do.
    op.execute(
        "WITH past AS ("
        " SELECT m.problem_id, m.person_id,"
        " string_agg(one, '; ' ORDER BY at) FILTER (WHERE is_over) AS brought,"
        " coalesce(string_agg(one, '; ' ORDER BY at) FILTER (WHERE NOT is_over), '') AS brings"
        " FROM members m CROSS JOIN unnest(string_to_array(m.brings, '; ')) WITH ORDINALITY AS listed (one, at)"
        " CROSS JOIN LATERAL (SELECT coalesce(bool_and(o.state = 'ended'), false) AS is_over FROM offers o"
        " WHERE o.problem_id = m.problem_id AND o.helper_id = m.person_id AND o.state IN ('welcomed', 'ended')"
        " AND replace(o.what, ';', ',') = one) AS ended"
        " WHERE m.part = 'helper' AND m.left_at IS NULL AND m.brings <> ''"
        " GROUP BY m.problem_id, m.person_id HAVING bool_or(is_over))"
        " UPDATE members SET brings = past.brings, brought = past.brought FROM past"
        " WHERE members.problem_id = past.problem_id AND members.person_id = past.person_id AND members.brought = ''"
    )
    with op.get_context().autocommit_block():
        # Cut off halfway, PostgreSQL leaves an index that it doesn't use: the next try begins anew.
        for name in INDEXES:
            op.drop_index(name, if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_offers_ended_at",
            "offers",
            ["ended_at"],
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'ended'"),
        )
        op.create_index(
            "ix_needs_by",
            "needs",
            ["by"],
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("state = 'open'"),
        )


def downgrade() -> None:
    raise RuntimeError("It is not taken down: restore a backup instead.")
