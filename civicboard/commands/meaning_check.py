"""What ``civicboard doctor`` says of the model that reads meaning."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from civicboard.commands.findings import Finding
from civicboard.kit.database import Database
from civicboard.kit.meaning import find_model
from civicboard.linking import make_desk
from civicboard.matching.queries.meanings import meanings_coverage
from civicboard.settings import Settings


async def examine_meaning(settings: Settings) -> list[Finding]:
    """Whether the model is there and whole, and how much of the board has no meaning of it."""
    model = find_model(settings.meaning)
    if model.wrong:
        return [Finding(False, model.wrong, "Until then searches go by words only.")]
    if not model.id:
        return [Finding(True, "No model reads meaning (CIVICBOARD_MEANING is none): searches go by words only.")]
    whole = " (whole, by its sha256)" if settings.meaning == "minilm" else ""
    findings = [Finding(True, f"The model that reads meaning is there: {model.id}{whole}.")]
    database = Database(settings.database_url, pool_size=1)
    try:
        async with make_desk(database).reading() as work:
            standing = await meanings_coverage(work, model.id)
    except (SQLAlchemyError, OSError):
        return findings  # what is wrong with the database is said already
    finally:
        await database.close()
    things, meant = sum(one.things for one in standing), sum(min(one.meant, one.things) for one in standing)
    if meant < things:
        lacking = f"{things - meant:,} of {things:,} texts have no meaning yet: they are found by words only."
        return [*findings, Finding(False, lacking, "A worker makes 1,000 a minute; or run: civicboard reindex")]
    return [*findings, Finding(True, f"All {things:,} texts on the board have their meaning.")]
