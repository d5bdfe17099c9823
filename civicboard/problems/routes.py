"""Doors to problems: post, edit, history, this affects me too, follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.diff import diffs, page_of, pager, read_before
from civicboard.kit.forms import typed
from civicboard.kit.partials import Fragment
from civicboard.kit.web import page, reading, writing
from civicboard.kit.work import Work, require
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.places.queries import choices, places_all
from civicboard.problems import actions, fragments, policy
from civicboard.problems.forms import EditedProblem, NewProblem
from civicboard.problems.queries import (
    ProblemRow,
    RevisionRow,
    coordinates,
    find_problem,
    find_sent_problem,
    find_standing,
    revisions_of,
)

web.FLASHES["posted"] = "Your problem is on the board. You follow it: you find it under Mine, with all that moves."
web.FLASHES["edited"] = "Saved. What it said before stays readable under its history."

#: What the history of a problem compares, with the words that stand before it.
SAID = ("Title", "Story", "Needed", "Where", "Where exactly", "Coordinates", "Tags")


async def show_new_problem(request: Request) -> Response:
    """The form to post a problem with, as it was left."""
    browser = web.known_browser_hash(request)
    async with reading(request) as work:
        places = await places_all(work)
        draft = await find_draft(work, browser, "problem")
    return page(
        request,
        "problems/new.html",
        {
            "form": web.form_state(request, "problem", lambda: draft or {}),
            "places": choices(places),
            "preview": getattr(request.state, "preview", ""),
            "kept": bool(draft),
        },
        has_form=True,
    )


@web.otherwise(show_new_problem, form="problem")
async def create_problem(request: Request) -> Response:
    if await web.previews(request, "problem", "story"):
        return await show_new_problem(request)
    form = await NewProblem.read(request)
    web.require_account(request, next_path="/problems/new", draft="problem")
    async with reading(request) as work:
        before = await find_sent_problem(work, form.key)
    if before is None:
        await web.limit(request, "new_problem")
    async with writing(request) as work:
        posted = await actions.post_problem(work, form, form_key=form.key)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name="problem")
    return web.see(request, posted.path, said="posted")


async def show_edit_problem(request: Request) -> Response:
    """The form to edit a problem with, as it was left; after a conflict, with how the problem reads now."""
    browser = web.known_browser_hash(request) if "afresh" not in request.query_params else None
    async with reading(request) as work:
        problem = await find_problem(work, request.path_params["number"])
        require(policy.may_edit(work.viewer, problem.poster_id), actions.NOT_POSTER)
        places = await places_all(work)
        draft = await find_draft(work, browser, f"edit:{problem.id}")
    form = web.form_state(request, "problem", lambda: {**_as_typed(problem), **(draft or {})})
    conflict = getattr(request.state, "conflict", False)
    if conflict:
        form.values["revision"] = str(problem.revision_count)
    return page(
        request,
        "problems/edit.html",
        {
            "problem": problem,
            "form": form,
            "places": choices(places),
            "preview": getattr(request.state, "preview", ""),
            "kept": bool(draft) and request.method == "GET",
            "now": _as_typed(problem) if conflict else None,
        },
        has_form=True,
    )


@web.otherwise(show_edit_problem, form="problem", conflict=True)
async def update_problem(request: Request) -> Response:
    number = request.path_params["number"]
    # First of all: a stranger can't be shown the form again, so what they typed goes into the draft, valid or not.
    web.require_account(request, next_path=f"/problems/{number}/edit", draft=f"edit:{number}")
    if await web.previews(request, "problem", "story"):
        return await show_edit_problem(request)
    form = await EditedProblem.read(request)
    await web.limit(request, "comment")
    async with writing(request) as work:
        edited = await actions.edit_problem(work, number, form, why=form.why, seen_revision=form.revision)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"edit:{number}")
    return web.see(request, edited.path, said="edited")


async def show_problem_history(request: Request) -> Response:
    """Everything a problem has said, the newest first, with what changed; a page of it."""
    async with reading(request) as work:
        problem = await find_problem(work, request.path_params["number"])
        before = read_before(request.query_params.get("before", ""), newest=problem.revision_count)
        shown = page_of(await revisions_of(work, problem.id, before=before))
    pairs = [pair for now, then in shown for pair in zip(_said_in(then or now), _said_in(now), strict=True)]
    changes = iter(await diffs(pairs))
    return page(
        request,
        "problems/history.html",
        {
            "problem": problem,
            "revisions": [(now, {label: next(changes) for label in SAID}) for now, _ in shown],
            **pager(f"/problems/{problem.id}/history", before, newest=problem.revision_count),
        },
    )


async def create_affected(request: Request) -> Response:
    return await _take_part(request, actions.say_affected)


async def destroy_affected(request: Request) -> Response:
    return await _take_part(request, actions.take_back_affected)


async def create_follow(request: Request) -> Response:
    return await _take_part(request, actions.follow)


async def destroy_follow(request: Request) -> Response:
    return await _take_part(request, actions.stop_following)


async def _take_part(request: Request, deed: Callable[[Work, int], Awaitable[None]]) -> Response:
    number = request.path_params["number"]
    web.require_account(request, next_path=f"/problems/{number}")
    await web.limit(request, "tap")
    async with writing(request) as work:
        await deed(work, number)
    async with reading(request) as work:
        problem = await find_problem(work, number)
        standing = await find_standing(work, number)
    buttons = Fragment(
        "problems/_standing.html",
        {**web.base_context(request), "problem": problem, "standing": standing},
        target="#standing",
        swap="outerHTML",
    )
    # Who has to do with a problem sees more of it: who could help.
    return web.show(request, fragments.head(problem), buttons, then=f"{problem.path}#standing", told="part-changed")


async def create_preview(request: Request) -> Response:
    """What Markdown will look like, for the Preview button of any form: the field is named by ``of``."""
    await web.limit(request, "preview")
    fields = await typed(request)
    words = fields.get(fields.get("of", "words"), "")
    return page(request, "kit/_preview.html", {"preview": await web.preview_of(words)})


def _said_in(revision: RevisionRow) -> tuple[str, ...]:
    """What a revision says, in the order of SAID."""
    return (
        revision.title,
        revision.story,
        revision.help_wanted,
        revision.place_name or "",
        revision.whereabouts,
        revision.coordinates,
        ", ".join(revision.tags),
    )


def _as_typed(problem: ProblemRow) -> dict[str, object]:
    """A problem as its poster would have typed it."""
    return {
        "title": problem.title,
        "story": problem.story,
        "place": problem.place_slug or "",
        "whereabouts": problem.whereabouts,
        "coordinates": coordinates(problem.latitude, problem.longitude),
        "tags": ", ".join(problem.tags),
        "help_wanted": problem.help_wanted,
        "revision": problem.revision_count,
    }


ROUTES = [
    Route("/problems/new", show_new_problem, name="show_new_problem"),
    web.form_at("/problems", "/problems/new", name="show_problem_form"),
    Route("/problems", create_problem, methods=["POST"], name="create_problem"),
    Route("/problems/{number:int}/edit", show_edit_problem, name="show_edit_problem"),
    Route("/problems/{number:int}/edit", update_problem, methods=["POST"], name="update_problem"),
    Route("/problems/{number:int}/history", show_problem_history, name="show_problem_history"),
    Route("/problems/{number:int}/affected", create_affected, methods=["POST"], name="create_affected"),
    Route("/problems/{number:int}/affected", destroy_affected, methods=["DELETE"], name="destroy_affected"),
    Route("/problems/{number:int}/follow", create_follow, methods=["POST"], name="create_follow"),
    Route("/problems/{number:int}/follow", destroy_follow, methods=["DELETE"], name="destroy_follow"),
    Route("/preview", create_preview, methods=["POST"], name="create_preview"),
]
