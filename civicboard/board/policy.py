"""What of all that is wanted is worth one person's page. The score itself is the one of matching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from civicboard.kit.days import has_passed
from civicboard.kit.viewer import Viewer
from civicboard.matching.policy import scoring
from civicboard.matching.policy.facts import Able, Wanted, facts
from civicboard.matching.policy.scoring import Weights

#: A meaning this near to what somebody wanted less of is like it.
ALIKE = 0.6
#: What is like something that was waved away counts so much of what it would.
LESS = 0.5
#: What came just now comes before what fits as well, and so does what is wanted soon: so much is added for it.
FRESH, SOON = 0.08, 0.04
#: After so many days something is no longer new, and a day that near is soon.
FRESH_DAYS, SOON_DAYS = 60, 14


def may_wave(viewer: Viewer) -> bool:
    """Each says for themselves what they want to see less of."""
    return viewer.signed_in


@dataclass(frozen=True, slots=True)
class Worth:
    """How well something fits a person and their page, and why, each reason a sentence."""

    score: float
    why: tuple[str, ...]


def worth(
    able: Able,
    wanted: Wanted,
    alike: float | None,
    *,
    weights: Weights,
    now: datetime,
    by: date | None = None,
    age_days: float = 0.0,
    waved: bool = False,
    least: float = scoring.ALIKE,
) -> Worth | None:
    """How well what is wanted fits a person; None for what isn't worth their page, or comes too late.

    ``alike`` is how near in meaning the two are (None: no model has read both), and ``waved`` whether it is like
    something that they wanted to see less of. ``least`` is how alike they must be with nothing else in common.
    """
    if has_passed(by, now):
        return None
    fit = facts(able, wanted, alike)
    if not scoring.may_fit(fit, least=least):
        return None
    # When they are free is the same with everything on their page, so it says nothing of this.
    why = scoring.why_you(replace(fit, free=()))
    score = scoring.score(fit, weights) + FRESH * max(0.0, 1 - age_days / FRESH_DAYS)
    if by is not None:
        why.append(f"It is wanted by {by.day} {by:%B}.")
        score += SOON * (by <= now.date() + timedelta(days=SOON_DAYS))
    return Worth(score * LESS if waved else score, tuple(why))


def like_waved(tags: Sequence[str], waved_tags: Iterable[frozenset[str]], alike: float | None) -> bool:
    """Whether a problem is like one that somebody wanted less of: near in meaning, or about the same."""
    if alike is not None and alike >= ALIKE:
        return True
    own = set(tags)
    return any(own and waved and 2 * len(own & waved) >= min(len(own), len(waved)) for waved in waved_tags)
