"""``civicboard place``: a place that people can choose."""

from __future__ import annotations

from civicboard.commands.console import fail, say
from civicboard.kit.database import Database
from civicboard.kit.text import slug
from civicboard.linking import make_desk
from civicboard.places.actions import put_place
from civicboard.places.queries import find_place_named
from civicboard.settings import Settings


async def add_place(settings: Settings, name: str, kind: str, within: str, about: str) -> None:
    """Add a place, or change the one of this name; ``within`` names the place that it is part of ("" for none)."""
    database = Database(settings.database_url, pool_size=1)
    try:
        async with make_desk(database).writing() as work:
            parent = await find_place_named(work, within) if within else None
            if within and parent is None:
                raise fail(f"There is no place called {within} yet. Add it first.")
            if parent is not None and parent.slug == slug(name, "place"):
                raise fail("A place can't be part of itself.")
            parent_id = parent.id if parent else None
            await put_place(work, slug=slug(name, "place"), name=name, kind=kind, parent_id=parent_id, about=about)
    finally:
        await database.close()
    say(f"[green]✓[/green] {name} is on the board.")
