"""Making meanings: upon a deed (an errand), by the clock for what no deed has left, and for a whole board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from civicboard.kit.meaning import Understanding
from civicboard.kit.work import Desk
from civicboard.matching.actions.meanings import forget, forget_everything, index, record_meanings
from civicboard.matching.models import KINDS
from civicboard.matching.queries.meanings import (
    all_after,
    hash_of,
    made_of,
    orphans,
    parts_of_problem,
    texts_of,
    without_meaning,
)

#: Texts that one turn of the clock makes meanings of, at most: an import of thousands takes some minutes.
EACH_MINUTE = 1000
AT_ONCE = 64
#: Open pages hear of what the clock finds while it is so few; of an import of thousands they don't.
MOST_TOLD = 20


async def index_one(desk: Desk, understanding: Understanding, payload: dict[str, Any]) -> None:
    """The errand ``index``: make the meaning of one thing that was posted or edited, and of what takes its title."""
    kind, subject = str(payload["kind"]), int(payload["id"])
    if kind == "problem":
        async with desk.reading() as work:
            parts = await parts_of_problem(work, subject)
        for part in sorted({part for part, _ in parts}):
            await index_some(desk, understanding, part, [number for one, number in parts if one == part])
    # Last, since pages hear of it with this.
    await index_some(desk, understanding, kind, [subject], tell=True)


async def index_some(desk: Desk, understanding: Understanding, kind: str, ids: list[int], *, tell: bool = False) -> int:
    """Make the meanings of those things, and say how many were made. The same text with the same model is left alone.

    With ``tell``, what was made is recorded with it, for the pages that show whom it fits.

    No transaction is open while the model reads. Without one, what has changed loses its meaning: none is better than
    one of other words, and the clock makes it when the model is back.
    """
    model = understanding.model_id
    async with desk.reading() as work:
        texts = await texts_of(work, kind, ids)
        made = await made_of(work, kind, ids, model)
    changed = {subject: text for subject, text in texts.items() if made.get(subject) != hash_of(text)}
    vectors = await understanding.of_documents(list(changed.values())) if changed and model else None
    async with desk.writing() as work:
        if vectors is None:
            await forget(work, kind, [*changed, *(subject for subject in ids if subject not in texts)])
            return 0
        await forget(work, kind, [subject for subject in ids if subject not in texts])
        kept = await index(work, kind, dict(zip(changed, vectors, strict=True)), model=model, texts=changed)
        if tell:
            await record_meanings(work, kind, kept, read_before=made.keys())
        return len(kept)


async def index_missing(desk: Desk, understanding: Understanding, *, most: int = EACH_MINUTE) -> int:
    """By the clock: what came by import, from a backup, or before the model was another one."""
    left = most
    for kind in KINDS:
        while left > 0 and understanding.state == "ok":
            async with desk.reading() as work:
                ids = await without_meaning(work, kind, understanding.model_id, most=min(AT_ONCE, left))
            if not ids:
                break
            made = await index_some(desk, understanding, kind, ids, tell=len(ids) <= MOST_TOLD)
            left -= len(ids)
            if made < len(ids):
                break  # the model is away, or somebody edits: the next minute comes
    return most - left


async def index_all(
    desk: Desk, understanding: Understanding, kind: str, moved: Callable[[int], None], *, after: int = 0
) -> int:
    """Go through everything of a kind, in order; ``moved`` hears how many were looked at. Says how many were made.

    What has its meaning already costs next to nothing, so whoever was interrupted begins again. Raises Stopped.
    """
    made = 0
    while True:
        async with desk.reading() as work:
            ids = await all_after(work, kind, after, most=AT_ONCE)
        if not ids:
            return made
        made += await index_some(desk, understanding, kind, ids)
        if understanding.state != "ok":
            raise Stopped(understanding.state)
        after = ids[-1]
        moved(len(ids))


class Stopped(Exception):
    """The model doesn't answer; the words say why. What was made is kept."""


async def forget_orphans(desk: Desk) -> None:
    """By the clock: a meaning goes with what had it."""
    for kind in KINDS:
        async with desk.writing() as work:
            await forget(work, kind, await orphans(work, kind))


async def forget_all(desk: Desk) -> None:
    """Before all meanings are made anew."""
    async with desk.writing() as work:
        await forget_everything(work)
