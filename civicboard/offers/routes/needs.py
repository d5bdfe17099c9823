"""Saying what a problem needs, and what became of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.work import Refused, Work
from civicboard.networks.queries import is_involved
from civicboard.offers import fragments, policy
from civicboard.offers.actions import add_need, dismiss_need, edit_need, reopen_need, settle_need
from civicboard.offers.actions.needs import NOT_OWNER
from civicboard.offers.forms import EditedNeed, NewNeed
from civicboard.offers.models import NEED_KINDS, WHERES
from civicboard.offers.queries import NeedRow, find_need, find_sent_need, needs_on, offers_to
from civicboard.offers.routes.keeping import draft_of, forget_draft
from civicboard.problems.queries import find_problem

web.FLASHES["need-added"] = "It stands on the board now, as something that is needed."
web.FLASHES["need-changed"] = "The need is changed."
web.FLASHES["need-settled"] = "Thank you for saying what became of it."

_CHOICES = {"kinds": list(NEED_KINDS.items()), "wheres": list(WHERES.items())}


async def show_new_need(request: Request) -> Response:
    """The form for a need; ``from=help`` begins with what the poster said would help."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        involved = await is_involved(work, number, problem.poster_id)
        draft = await draft_of(request, work, f"need:{number}")
    start: dict[str, str] = {"hours": f"{policy.USUAL_HOURS:g}", "where": "either"}
    if request.query_params.get("from") == "help":
        start |= {"wish": "help", "kind": "skill"}
        start |= {"what": problem.help_wanted[:120], "words": problem.help_wanted[120:]}
    return web.page(
        request,
        "offers/new_need.html",
        {
            "problem": problem,
            "may_add": involved or not web.viewer(request).signed_in,
            "form": web.form_state(request, "need", lambda: start | dict(draft)),
            **_CHOICES,
        },
        has_form=True,
    )


@web.otherwise(show_new_need, form="need")
async def create_need(request: Request) -> Response:
    number = request.path_params["number"]
    form = await NewNeed.read(request)
    web.require_account(request, next_path=f"/problems/{number}/needs/new", draft=f"need:{number}")
    async with web.reading(request) as work:
        before = await find_sent_need(work, form.key)
    if before is None:
        await web.limit(request, "offers")
    async with web.writing(request) as work:
        need_id = await add_need(
            work,
            number,
            kind=form.kind,
            what=form.what,
            words=form.words,
            tags=form.tags,
            hours=form.hours,
            by=form.by,
            where=form.where,
            is_wish=form.wish == "help",
            form_key=form.key,
        )
        await forget_draft(request, work, f"need:{number}")
    return await _show_changed(request, need_id, said="need-added")


async def show_need(request: Request) -> Response:
    """One need, what has been offered to it, and what its owners may say of it."""
    async with web.reading(request) as work:
        need = await find_need(work, request.path_params["id"])
        offers = await offers_to(work, need.id)
        may_edit, may_settle = await _may(work, need)
    context = {"need": need, "offers": offers, "may_edit": may_edit, "may_settle": may_settle}
    return web.page(request, "offers/need.html", context, has_form=True)


async def show_edit_need(request: Request) -> Response:
    """The form, for those who may edit it; after a conflict with how it reads now."""
    async with web.reading(request) as work:
        need = await find_need(work, request.path_params["id"])
        if not (await _may(work, need))[0]:
            raise Refused(NOT_OWNER)
    start = {
        "kind": need.kind,
        "what": need.what,
        "words": need.words,
        "tags": ", ".join(need.tags),
        "hours": "" if need.hours is None else f"{need.hours:g}",
        "by": need.by.isoformat() if need.by else "",
        "where": need.where,
        "version": need.version,
    }
    form = web.form_state(request, "need", lambda: start)
    changed = bool(getattr(request.state, "conflict", False))
    if changed:
        form.values["version"] = str(need.version)
    context = {"need": need, "form": form, "changed": changed, **_CHOICES}
    return web.page(request, "offers/edit_need.html", context, has_form=True)


@web.otherwise(show_edit_need, form="need", conflict=True)
async def update_need(request: Request) -> Response:
    need_id = request.path_params["id"]
    web.require_account(request, next_path=f"/needs/{need_id}/edit")
    form = await EditedNeed.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await edit_need(
            work,
            need_id,
            kind=form.kind,
            what=form.what,
            words=form.words,
            tags=form.tags,
            hours=form.hours,
            by=form.by,
            where=form.where,
            seen_version=form.version,
        )
    return await _show_changed(request, need_id, said="need-changed")


async def create_settlement(request: Request) -> Response:
    """It is met."""
    need_id = await _let_in(request)
    async with web.writing(request) as work:
        await settle_need(work, need_id)
    return await _show_changed(request, need_id, said="need-settled")


async def create_dismissal(request: Request) -> Response:
    """It is no longer needed."""
    need_id = await _let_in(request)
    async with web.writing(request) as work:
        await dismiss_need(work, need_id)
    return await _show_changed(request, need_id, said="need-settled")


async def destroy_settlement(request: Request) -> Response:
    """It is needed after all."""
    need_id = await _let_in(request)
    async with web.writing(request) as work:
        await reopen_need(work, need_id)
    return await _show_changed(request, need_id, said="need-changed")


async def _show_changed(request: Request, need_id: int, *, said: str) -> Response:
    async with web.reading(request) as work:
        need = await find_need(work, need_id)
        problem = await find_problem(work, need.problem_id)
        rows = await needs_on(work, problem.id)
    return web.show(request, fragments.needs(problem, rows), then=f"{problem.path}#need-{need_id}", said=said)


async def _let_in(request: Request) -> int:
    need_id: int = request.path_params["id"]
    web.require_account(request, next_path=f"/needs/{need_id}")
    await web.limit(request, "tap")
    return need_id


async def _may(work: Work, need: NeedRow) -> tuple[bool, bool]:
    """Whether the viewer may edit it, and settle it or open it again."""
    involved = await is_involved(work, need.problem_id, need.poster_id)
    facts = {"by_id": need.by_id, "poster_id": need.poster_id}
    return (
        policy.may_edit_need(work.viewer, **facts, involved=involved),
        policy.may_settle_need(work.viewer, **facts, convenor_id=need.convenor_id, involved=involved),
    )


ROUTES = [
    Route("/problems/{number:int}/needs/new", show_new_need, name="show_new_need"),
    web.form_at("/problems/{number:int}/needs", "/problems/{number}/needs/new", name="show_need_form"),
    Route("/problems/{number:int}/needs", create_need, methods=["POST"], name="create_need"),
    Route("/needs/{id:int}", show_need, name="show_need"),
    Route("/needs/{id:int}/edit", show_edit_need, name="show_edit_need"),
    Route("/needs/{id:int}/edit", update_need, methods=["POST"], name="update_need"),
    Route("/needs/{id:int}/settlement", create_settlement, methods=["POST"], name="create_settlement"),
    Route("/needs/{id:int}/settlement", destroy_settlement, methods=["DELETE"], name="destroy_settlement"),
    Route("/needs/{id:int}/dismissal", create_dismissal, methods=["POST"], name="create_dismissal"),
]
