"""Pieces of the pages that gather several features."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.board.queries import Card, DoneRow
from civicboard.board.queries.for_you import Suggestion
from civicboard.kit.partials import Fragment
from civicboard.matching.policy.facts import Able
from civicboard.matching.queries.asks import AskRow
from civicboard.problems.queries import ProblemRow


def notice(card: Card, *, say: str = "") -> Fragment:
    """A problem on the board. It replaces the notice of the same problem, or waits among the arrivals."""
    return Fragment("board/_notice.html", {"card": card}, target="#arrivals", key=f"problem-{card.problem.id}", say=say)


def done(number: int, rows: Sequence[DoneRow]) -> Fragment:
    """What the people of a problem have done together, the newest first."""
    return Fragment("board/_done.html", {"number": number, "done": rows}, target="#done", swap="outerHTML")


def suggestion(fits: Suggestion) -> Fragment:
    """A problem that fits a person, on their own page. It waits among the arrivals there."""
    return Fragment(
        "board/_fit.html",
        {"fits": fits},
        target="#arrivals",
        key=f"fit-{fits.problem_id}",
        say=f"New for you: {fits.title}",
    )


def unfit(problem: ProblemRow) -> Fragment:
    """That a problem which stands on somebody's page needs them no longer. Where it doesn't stand, nothing happens."""
    return Fragment(
        "board/_unfit.html",
        {"problem": problem},
        target=f"#fit-{problem.id}",
        swap="outerHTML",
        key=f"fit-{problem.id}",
    )


def helping_moved(number: int) -> Fragment:
    """That who could help with a problem may be others now: each page that has the list asks for its own."""
    return Fragment("board/_helping_moved.html", {"number": number}, target="#helping-moved", swap="outerHTML")


def asks(rows: Sequence[AskRow], *, say: str = "") -> Fragment:
    """What a person is asked, at the top of their own page."""
    key = f"ask-{rows[0].id}" if say else ""
    return Fragment("board/_asks.html", {"asks": rows}, target="#asks", swap="outerHTML", key=key, say=say)


def taken_up(number: int) -> Fragment:
    """Nothing in the place of a suggestion: it stands among what the person is asked."""
    return Fragment("board/_taken_up.html", {}, target=f"#fit-{number}", swap="delete")


def suggestions(able: Able, fits: Sequence[Suggestion]) -> list[Fragment]:
    """All that fits a person, in the place of what stood there; and what their page says while nothing does."""
    return [
        Fragment("board/_fits.html", {"all_fits": fits}, target="#notices", swap="innerHTML"),
        Fragment("board/_no_fits.html", {"able": able}, target="#no-fits", swap="outerHTML"),
    ]
