"""A test finds nothing of the one before it, though connections rest between them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import make_url

from civicboard.kit.database import Database
from tests import lines


async def ask(database: Database, question: str) -> object:
    async with database.engine.connect() as connection:
        return await connection.scalar(text(question))


async def test_a_line_that_was_closed_comes_back_as_new(database_url: str) -> None:
    one = Database(database_url, pool_size=1)
    process = await ask(one, "SELECT pg_backend_pid()")
    async with one.engine.connect() as connection:
        for deed in ("SET statement_timeout = 12345", "LISTEN gossip", "SELECT pg_advisory_lock(7)"):
            await connection.execute(text(deed))
        await connection.commit()
    await one.close()
    assert process in await lines.resting()
    other = Database(database_url, pool_size=1)
    assert await ask(other, "SELECT pg_backend_pid()") == process
    assert await ask(other, "SHOW statement_timeout") == "0"
    assert await ask(other, "SHOW timezone") == "UTC"
    assert await ask(other, "SELECT count(*) FROM pg_listening_channels()") == 0
    assert await ask(other, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    assert process not in await lines.resting()
    await other.close()


async def test_one_that_was_cut_or_leads_elsewhere_does_not(database_url: str) -> None:
    url = make_url(database_url)
    there = {"host": str(url.query["host"]), "user": url.username, "database": url.database}
    cut = await lines.connect(**there)
    process = cut.get_server_pid()
    cut.terminate()
    assert process not in await lines.resting()
    ended = await lines.connect(**there)
    await ended.execute("SELECT 1")
    await ended.close()
    assert ended.get_server_pid() in await lines.resting()
    elsewhere = await lines.connect(**there | {"database": "civicboard"})
    process = elsewhere.get_server_pid()
    await elsewhere.close()
    assert process not in await lines.resting()
    again = await lines.connect(**there)
    assert again is ended
    await again.close()
