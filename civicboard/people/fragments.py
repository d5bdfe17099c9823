"""People's sessions and identities as the account page shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from civicboard.people.queries import IdentityRow, SessionRow
from civicboard.settings import Provider

# The first that matches wins: most browsers claim to be several others as well.
_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera\b"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bChromium/|\bHeadlessChrome/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("an iPhone", r"\biPhone\b"),
    ("an iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("a Mac", r"\bMacintosh\b|\bMac OS X\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One browser in the list. ``is_this`` is the one that asks."""

    id: int
    device: str
    started_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One way to sign in. ``provider`` is its name in words; ``label`` what the person knows it by."""

    id: int
    provider: str
    label: str
    added_at: datetime


def session_lines(sessions: Iterable[SessionRow], this: int | None) -> list[SessionLine]:
    """The browsers in words, the one that asks first."""
    lines = [SessionLine(s.id, device(s.user_agent), s.started_at, s.seen_at, s.id == this) for s in sessions]
    return sorted(lines, key=lambda line: not line.is_this)


def identity_lines(identities: Iterable[IdentityRow], providers: Mapping[str, Provider]) -> list[IdentityLine]:
    """The ways to sign in, also those that the board no longer offers."""
    labels = {key: provider.label for key, provider in providers.items()}
    return [IdentityLine(i.id, labels.get(i.provider, i.provider), i.label, i.added_at) for i in identities]


def device(user_agent: str) -> str:
    """A browser in words: ``Firefox on Windows``, or ``A browser`` when it doesn't say."""
    browser = _first(_BROWSERS, user_agent) or "A browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")
