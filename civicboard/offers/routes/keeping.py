"""What was being typed in a form of a need or an offer, kept for the browser."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from civicboard.kit import web
from civicboard.kit.work import Work
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft


async def draft_of(request: Request, work: Work, name: str) -> Mapping[str, str]:
    """What was typed before, if anything."""
    return await find_draft(work, web.known_browser_hash(request), name) or {}


async def forget_draft(request: Request, work: Work, name: str) -> None:
    await drop_draft(work, browser_hash=web.known_browser_hash(request), name=name)
