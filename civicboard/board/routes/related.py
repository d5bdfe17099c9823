"""Problems like the one on the page, beside it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request

from civicboard.kit import web
from civicboard.kit.meaning import Understanding
from civicboard.matching.queries.related import RelatedRow, related_by_words, related_to

#: How long they are kept: they are the same for everybody, and change seldom.
RELATED_SECONDS = 60.0


async def related_problems(request: Request, number: int) -> Sequence[RelatedRow]:
    """At most five problems that are near in meaning, or have the same words where there is no model."""
    held = web.kit(request)
    understanding = held.part(Understanding)

    async def read() -> Sequence[RelatedRow]:
        async with held.desk.reading() as work:
            if not understanding.model_id:
                return await related_by_words(work, number)
            return await related_to(work, number, model=understanding.model_id, least=understanding.near)

    return await held.desk.recent.get(("related", number, understanding.model_id), read, seconds=RELATED_SECONDS)
