"""``civicboard migrate``, which every command that needs the schema begins with."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from civicboard.commands.console import fail, say
from civicboard.kit import migrations
from civicboard.kit.database import Database
from civicboard.linking import make_desk
from civicboard.settings import Settings
from civicboard.skills.actions import seed_words


async def migrate_database(settings: Settings) -> None:
    """Bring the database to the schema of this version, and say from where to where."""
    database = Database(settings.database_url, pool_size=1)
    try:
        before, now = await migrations.migrate(database)
        async with make_desk(database, notify=False).writing() as work:
            words = await seed_words(work)
    except OSError as error:
        raise fail(f"The database can't be reached: {error}. `civicboard doctor` may know more.") from None
    except DBAPIError as error:
        hint = "Run it again, or ask `civicboard doctor` what is missing."
        raise fail(f"PostgreSQL refused: {str(error.orig).partition(': ')[2]}. {hint}") from None
    finally:
        await database.close()
    if before == now:
        say(f"[green]✓[/green] The database is up to date ({now}).")
    else:
        say(f"[green]✓[/green] The database went from {before or 'empty'} to {now}.")
    if words:
        say(f"[green]✓[/green] {words} words for what people can do were added.")
