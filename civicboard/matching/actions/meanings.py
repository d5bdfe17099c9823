"""Keep what things mean, and forget it. The board does this itself: no person's right is asked."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, cast, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Text

from civicboard.kit.meaning import Vector, literal
from civicboard.kit.work import Work
from civicboard.matching.events import AbilityIndexed, PostIndexed, ProblemIndexed, ProblemReindexed
from civicboard.matching.models import Meaning
from civicboard.matching.queries.meanings import hash_of, problems_of_needs, problems_of_posts, texts_of


async def index(
    work: Work, kind: str, vectors: Mapping[int, Vector], *, model: str, texts: Mapping[int, str]
) -> list[int]:
    """Keep the vectors of what says these texts, and say which were kept.

    What says something else by now is left to its own errand. One deed at a time keeps meanings of a kind, so
    that no older text's comes last.
    """
    if not vectors:
        return []
    await work.one_at_a_time(f"meanings:{kind}")
    now = await texts_of(work, kind, list(vectors))
    rows = [
        {
            "kind": kind,
            "subject_id": subject,
            "model": model,
            "made_of": hash_of(texts[subject]),
            "made_at": work.now,
            "as_text": literal(vector),
        }
        for subject, vector in vectors.items()
        if now.get(subject) == texts[subject]
    ]
    if not rows:
        return []
    columns: dict[str, Any] = {name: bindparam(name) for name in ("kind", "subject_id", "model", "made_of", "made_at")}
    put = insert(Meaning).values(vector=cast(bindparam("as_text", type_=Text), Meaning.vector.type), **columns)
    fresh = {name: getattr(put.excluded, name) for name in ("model", "made_of", "made_at", "vector")}
    await work.session.execute(
        put.on_conflict_do_update(index_elements=["kind", "subject_id"], set_=fresh),
        rows,
        execution_options={"render_nulls": True},
    )
    return [int(str(row["subject_id"])) for row in rows]


async def record_meanings(work: Work, kind: str, ids: Sequence[int], *, read_before: Container[int]) -> None:
    """Record that these have a meaning now, once for each problem, post or person; ``read_before`` had one before."""
    if kind == "person":
        for person_id in ids:
            work.record(AbilityIndexed(person_id))
    if kind == "post":
        for post_id, number in sorted((await problems_of_posts(work, ids)).items()):
            work.record(PostIndexed(number, post_id))
    if kind not in ("problem", "need"):
        return
    of = dict(zip(ids, ids, strict=True)) if kind == "problem" else await problems_of_needs(work, ids)
    for number in sorted(set(of.values())):
        is_new = any(one not in read_before for one, its in of.items() if its == number)
        work.record(ProblemIndexed(number) if is_new else ProblemReindexed(number))


async def forget(work: Work, kind: str, ids: Sequence[int]) -> None:
    """Forget what things meant that are gone, or say something else now."""
    if ids:
        await work.session.execute(delete(Meaning).where(Meaning.kind == kind, Meaning.subject_id.in_(ids)))


async def forget_everything(work: Work) -> None:
    """Forget what anything meant, to make all of it anew."""
    await work.session.execute(delete(Meaning))
