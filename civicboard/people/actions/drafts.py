"""What somebody is writing, kept for their browser."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work
from civicboard.people.models import Draft
from civicboard.people.queries import newest_drafts

#: So many drafts are kept of one browser: who writes more at once has left the oldest behind.
MOST_DRAFTS = 20


async def keep_draft(work: Work, *, browser_hash: str, name: str, content: Mapping[str, str]) -> None:
    """Keep what is being written in this browser's form ``name``, in the place of what was kept before.

    Past MOST_DRAFTS of them the oldest go.
    """
    # A draft is kept whatever is in it; what PostgreSQL's JSON can't hold is for the form itself to refuse.
    kept = {
        field: value.replace("\0", "").encode("utf-8", "replace").decode()
        for field, value in content.items()
        if "\0" not in field
    }
    values = {"content": kept, "saved_at": work.now}
    await work.session.execute(
        insert(Draft)
        .values(browser_hash=browser_hash, name=name, **values)
        .on_conflict_do_update(index_elements=[Draft.browser_hash, Draft.name], set_=values)
    )
    newest = newest_drafts(browser_hash, most=MOST_DRAFTS)
    await work.session.execute(
        delete(Draft)
        .where(Draft.browser_hash == browser_hash, Draft.name.not_in(newest))
        .execution_options(synchronize_session=False)
    )


async def drop_draft(work: Work, *, browser_hash: str | None, name: str) -> None:
    """Forget one draft, because it was sent or thrown away; a browser that brought no cookie (None) has none."""
    if browser_hash is None:
        return
    await work.session.execute(delete(Draft).where(Draft.browser_hash == browser_hash, Draft.name == name))


async def drop_drafts(work: Work, *, browser_hash: str) -> None:
    """Forget all drafts of a browser, because its person leaves it."""
    await work.session.execute(delete(Draft).where(Draft.browser_hash == browser_hash))
