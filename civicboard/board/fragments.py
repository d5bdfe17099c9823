"""Pieces of the pages that gather several features."""

from __future__ import annotations

from collections.abc import Sequence

from civicboard.board.queries import Card, DoneRow
from civicboard.board.queries.for_you import AlikeRow, NearbyRow, Question, Suggestion, question_key, question_path
from civicboard.kit.partials import Fragment
from civicboard.matching.policy.facts import Able
from civicboard.matching.queries.asks import AskRow
from civicboard.problems.queries import ProblemRow

#: Pages that have the list of who could help fetch it within so many milliseconds, each at a moment of its own.
HELPING_WAITS = 2000


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
    moved = {"number": number, "id": "helping-moved", "wait": HELPING_WAITS}
    return Fragment("board/_helping_moved.html", moved, target="#helping-moved", swap="outerHTML")


def helping_for_them(number: int) -> Fragment:
    """That somebody has another part in a problem now: their own open pages of it ask whether they see the list."""
    place = f"helping-of-{number}"
    moved = {"number": number, "id": place, "wait": 0}
    return Fragment("board/_helping_moved.html", moved, target=f"#{place}", swap="outerHTML")


def question(one: Question) -> Fragment:
    """A question that somebody could answer, at the end of those on their own page."""
    say = f"New question for you: {one.title}"
    return Fragment("board/_question.html", {"question": one}, target="#questions", key=one.key, say=say)


def asked(problem: NearbyRow, post_id: int | None, words: str | None) -> Fragment:
    """What a question says now, None if it asks nothing. Where it doesn't stand, or has its answer, nothing happens."""
    key = question_key(problem.id, post_id)
    address = question_path(problem.id, problem.slug, post_id)
    says = {"key": key, "address": address, "title": problem.title, "words": words}
    return Fragment("board/_question_says.html", says, target=f"#{key}-says", swap="outerHTML", key=f"{key}-says")


def settled(problem: NearbyRow, post_id: int | None) -> Fragment:
    """That a question waits for no answer any more. Where it doesn't stand, nothing happens."""
    key = question_key(problem.id, post_id)
    shown = {"problem": problem, "key": key}
    return Fragment("board/_settled.html", shown, target=f"#{key}", swap="outerHTML", key=key)


def alike(row: AlikeRow) -> Fragment:
    """A problem like one of somebody's own, and how it stands now; a new one comes at the end."""
    key, say = f"alike-{row.problem_id}", f"Like yours, elsewhere: {row.title}, {row.stage_words}"
    return Fragment("board/_alike.html", {"one": row}, target="#alike", key=key, say=say)


def alike_no_more(number: int) -> Fragment:
    """Nothing in the place of a problem that was like one of somebody's own."""
    return Fragment("board/_taken_up.html", {}, target=f"#alike-{number}", swap="delete")


def near(row: NearbyRow) -> Fragment:
    """A problem among what is new near somebody; a new one comes at the end."""
    return Fragment("board/_near.html", {"problem": row}, target="#nearby", key=f"near-{row.id}")


def near_stands(row: NearbyRow) -> Fragment:
    """How a problem stands now, where it is among what was new. Where it isn't, nothing happens."""
    key = f"near-{row.id}"
    return Fragment("board/_near.html", {"problem": row}, target=f"#{key}", swap="outerHTML", key=key)


def nearby_moved() -> Fragment:
    """That there is something new: each page that shows what is near its person asks whether it is."""
    return Fragment("board/_nearby_moved.html", {}, target="#nearby-moved", swap="outerHTML")


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
