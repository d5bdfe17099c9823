"""``civicboard skills``: the words for what people can do, in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from civicboard.commands.console import fail, say
from civicboard.kit.database import Database
from civicboard.kit.work import Unfit
from civicboard.linking import make_desk
from civicboard.settings import Settings
from civicboard.skills.actions import put_words
from civicboard.skills.forms import WordsFile
from civicboard.skills.queries import skills_all


def read_words(path: Path) -> list[dict[str, Any]]:
    """The words in a file; ends the command with a reason when they can't be used."""
    try:
        return WordsFile.read(path.read_bytes())
    except OSError as error:
        raise fail(f"{path} can't be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise fail(f"Nothing was changed. {error}") from None


async def import_vocabulary(settings: Settings, words: Sequence[Mapping[str, Any]]) -> None:
    """Add these words, or change those of the same tag. All of them, or, with a reason, none."""
    database = Database(settings.database_url, pool_size=1)
    try:
        async with make_desk(database).writing() as work:
            added, changed = await put_words(work, words)
    except Unfit as unfit:
        raise fail(f"Nothing was changed. {unfit.words}") from None
    finally:
        await database.close()
    say(f"[green]✓[/green] {added} added, {changed} changed, {len(words) - added - changed} as they were.")


async def export_vocabulary(settings: Settings) -> str:
    """Every word, a line each, as JSON."""
    database = Database(settings.database_url, pool_size=1)
    try:
        async with make_desk(database).reading() as work:
            skills = await skills_all(work)
    finally:
        await database.close()
    rows = [{"tag": row.tag, "about": row.about, "synonyms": list(row.synonyms)} for row in skills]
    return "[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
