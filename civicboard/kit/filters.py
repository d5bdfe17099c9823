"""What every template may do with a value: the only filters that make HTML, and they make people's words harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from civicboard.kit.text import excerpt, render


def filters(zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    """The filters by their names in templates. Times are told by the clock of ``zone``."""
    return {"prose": prose, "when": partial(when, zone), "marked": marked, "excerpt": excerpt}


def prose(markdown: str) -> Markup:
    """People's Markdown as HTML that htmx leaves alone."""
    return Markup('<div class="prose" hx-ignore>{}</div>').format(render(markdown))


def when(zone: ZoneInfo, moment: datetime, verb: str = "") -> Markup:
    """A time: exact in words by the clock of ``zone``, and for scripts, which tell how long ago; after ``verb``."""
    here = moment.astimezone(zone)
    exact = f"{here.day} {here:%B %Y, %H:%M %Z}"
    time = Markup('<time class="ago" datetime="{}">{}</time>').format(moment.isoformat(), exact)
    return Markup("<small>{} {}</small>").format(verb, time) if verb else time


def marked(headline: str) -> Markup:
    """A search's headline, whose matches stand between U+0002 and U+0003, with these as <mark>.

    It is cut from Markdown, so it may hold half of a **pair**: what makes letters strong or slanted is left out.
    """
    plain = str(escape(re.sub(r"\*+|`+|(?m:^#+ )", "", headline)))
    return Markup(plain.replace("\u0002", "<mark>").replace("\u0003", "</mark>"))  # noqa: S704  # escaped
