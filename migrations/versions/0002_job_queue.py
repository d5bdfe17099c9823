"""The tables that the job queue keeps its jobs in.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    statements = QueryBuilderEnvironment().build_install_query()
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None  # inside a migration there is one
    # Several statements at once: the driver's own execute takes them, a prepared statement would not.
    connection.run_async(lambda driver: driver.execute(statements))


def downgrade() -> None:
    raise RuntimeError("The job queue is not taken down: restore a backup instead.")
