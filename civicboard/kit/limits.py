"""How often somebody may do something, counted in PostgreSQL, so that the count holds over all processes.

Windows are fixed: they start with the first hit, and end. The ``limits`` package would not fit: its
strategies ask a storage first for the count and then for its end, where one statement answers both; and it
can't count ahead in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Column, DateTime, Integer, Table, Text, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from civicboard.kit.database import Base

#: Unlogged: it is quick to write, and a crash of PostgreSQL forgets who did what in the last minutes, no
#: more.
rate_counters = Table(
    "rate_counters",
    Base.metadata,
    Column("key", Text, primary_key=True),
    Column("hits", Integer, nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False, index=True),
    prefixes=["UNLOGGED"],
)


@dataclass(frozen=True)
class Rule:
    """At most ``hits`` in ``seconds``."""

    name: str
    hits: int
    seconds: int


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("page_anonymous", 300, 300),
        Rule("page_signed_in", 1500, 300),
        Rule("live", 600, 300),  # sockets opened; a page opens one, and another whenever it lost it
        Rule("sign_in", 25, 300),
        Rule("new_problem", 2, 300),
        Rule("comment", 4, 60),
        Rule("search", 50, 300),
        Rule("typing", 200, 300),  # a search that answers while one types
        Rule("matches", 100, 300),  # who fits a need, and what fits a person: many are compared
        Rule("helping", 200, 300),  # the same as a page that is open fetches it, whenever something moves
        Rule("upload", 10, 300),
        Rule("report", 20, 3600),
        Rule("drafts", 120, 300),  # a draft saves itself every few seconds
        Rule("preview", 60, 300),
        Rule("offers", 10, 300),
        Rule("asks", 20, 3600),  # asking people for help; how often each is asked is another matter
        Rule("invitations", 5, 3600),
        Rule("abilities", 20, 300),  # saying what one can do, upon which many pages look again who could help
        Rule("tap", 60, 300),  # this affects me too, follow, and taking them back
    )
}


class Verdict(NamedTuple):
    """Whether a hit is within its rule, and if not, in how many whole seconds the next may be."""

    allowed: bool
    retry_after: int


@dataclass(slots=True)
class _Window:
    """What one process knows of a counter: ``total`` as PostgreSQL told, ``pending`` counted here since."""

    ends: float
    seconds: int
    total: int = 0
    pending: int = 0


# A count stops at a million: it is refused long before, and an integer has an end.
_ADD = """
    INSERT INTO rate_counters AS c (key, hits, ends_at)
    SELECT key, hits, now() + seconds * interval '1 second'
    FROM unnest(CAST(:keys AS text[]), CAST(:hits AS int[]), CAST(:seconds AS int[]))
        AS added (key, hits, seconds)
    ON CONFLICT (key) DO UPDATE SET
        hits = CASE WHEN c.ends_at <= now() THEN excluded.hits
                    ELSE least(c.hits + excluded.hits, 1000000) END,
        ends_at = CASE WHEN c.ends_at <= now() THEN excluded.ends_at ELSE c.ends_at END
    RETURNING key, hits, CAST(extract(epoch FROM ends_at - now()) AS float8) AS seconds_left
"""
_FORGIVE = "UPDATE rate_counters SET hits = hits - 1 WHERE key = :key AND hits > 0"
_PURGE = "DELETE FROM rate_counters WHERE ends_at < now()"

#: Windows kept in memory; past it the oldest is forgotten here, and PostgreSQL still knows it.
_MOST_WINDOWS = 50_000


class Rates:
    """The counters of a board.

    ``scale`` multiplies every rule, for load tests and big towns. Keys (a person, an address) are only ever
    kept as a keyed hash of ``secret``: the table holds no address.
    """

    def __init__(
        self, engine: AsyncEngine, scale: float, secret: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._scale = scale
        self._secret = secret.encode()
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._flushing = asyncio.Lock()

    async def hit(self, rule_name: str, key: str, *, new_account: bool = False) -> Verdict:
        """Count one and say whether it is allowed; exact over all processes, in one statement.

        A new account has a quarter of the hits, and at least one. Without PostgreSQL this process counts
        alone. Raises KeyError for a rule that isn't there.
        """
        rule, hashed = RULES[rule_name], self._hashed(rule_name, key)
        most = max(1, math.floor(rule.hits * self._scale * (0.25 if new_account else 1)))
        try:
            _, hits, seconds_left = (await self._add({hashed: (1, rule.seconds)}))[0]
        except (SQLAlchemyError, OSError):
            return self._note(rule, hashed, most)
        return _verdict(hits, most, seconds_left)

    async def forgive(self, rule_name: str, key: str) -> None:
        """Take back one hit: the deed it counted did not happen. Without PostgreSQL it stays counted."""
        with contextlib.suppress(SQLAlchemyError, OSError):
            async with self._engine.connect() as connection:
                await connection.execute(text(_FORGIVE), {"key": self._hashed(rule_name, key)})

    def note(self, rule_name: str, key: str) -> Verdict:
        """Count one in memory, for every page.

        ``flush`` shares it, so processes overshoot by a second at the most.
        """
        rule = RULES[rule_name]
        return self._note(rule, self._hashed(rule_name, key), max(1, math.floor(rule.hits * self._scale)))

    def _note(self, rule: Rule, hashed: str, most: int) -> Verdict:
        now = self._clock()
        window = self._windows.get(hashed)
        if window is None or window.ends <= now:
            # A new window goes to the end of the dict, so the first one is the oldest.
            self._windows.pop(hashed, None)
            if len(self._windows) >= _MOST_WINDOWS:
                del self._windows[next(iter(self._windows))]
            window = self._windows[hashed] = _Window(now + rule.seconds, rule.seconds)
        window.pending += 1
        # Sums of fractions may end a hair later than the rule says.
        return _verdict(window.total + window.pending, most, min(window.ends - now, window.seconds))

    async def flush(self) -> None:
        """Add what was noted to PostgreSQL and learn what the other processes counted. Call it each second.

        Raises what the database raises; the counts stay in memory then, and go with the next call.
        """
        async with self._flushing:
            now = self._clock()
            for hashed in [hashed for hashed, window in self._windows.items() if window.ends <= now]:
                del self._windows[hashed]
            sent = {hashed: window for hashed, window in self._windows.items() if window.pending}
            if not sent:
                return
            counts = {hashed: (window.pending, window.seconds) for hashed, window in sent.items()}
            rows = await self._add(counts)
            now = self._clock()
            for hashed, hits, seconds_left in rows:
                window = sent[hashed]
                window.pending -= counts[hashed][0]
                window.total, window.ends = hits, now + seconds_left

    async def purge(self) -> None:
        """Delete the counters whose time is over. Call it each minute or so."""
        async with self._engine.connect() as connection:
            await connection.execute(text(_PURGE))

    async def _add(self, counts: dict[str, tuple[int, int]]) -> list[tuple[str, int, float]]:
        keys = sorted(counts)  # one order for all processes, or two would wait for each other
        values = {"keys": keys, "hits": [counts[k][0] for k in keys], "seconds": [counts[k][1] for k in keys]}
        async with self._engine.connect() as connection:
            rows = await connection.execute(text(_ADD), values)
            return [(row.key, row.hits, row.seconds_left) for row in rows]

    def _hashed(self, rule_name: str, key: str) -> str:
        digest = hmac.digest(self._secret, key.encode("utf-8", "replace"), hashlib.sha256)
        return f"{rule_name}:{digest[:16].hex()}"


def _verdict(hits: int, most: int, seconds_left: float) -> Verdict:
    return Verdict(True, 0) if hits <= most else Verdict(False, max(1, math.ceil(seconds_left)))
