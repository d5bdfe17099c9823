"""Keeping nothing longer than it is needed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, update

from civicboard.kit.work import Work
from civicboard.people.actions.vouching import forget_vouchings
from civicboard.people.models import Draft, LoginAttempt, Newcomer, Session, UsedLogoutToken


async def forget_old(work: Work) -> None:
    """Delete what is kept no longer than it is needed (docs/running.md says how long)."""
    month = work.now - timedelta(days=30)
    for statement in (
        delete(LoginAttempt).where(LoginAttempt.started_at < work.now - timedelta(hours=1)),
        delete(Newcomer).where(Newcomer.proved_at < work.now - timedelta(days=1)),
        delete(UsedLogoutToken).where(UsedLogoutToken.used_at < work.now - timedelta(days=1)),
        delete(Draft).where(Draft.saved_at < work.now - timedelta(days=90)),
        delete(Session).where(or_(Session.ended_at < month, Session.ends_at < month)),
        update(Session).where(Session.started_at < month, Session.user_agent != "").values(user_agent=""),
    ):
        await work.session.execute(statement.execution_options(synchronize_session=False))
    await forget_vouchings(work)
