"""Moving a problem from stage to stage."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.problems import fragments as problems
from civicboard.problems.models import STAGES
from civicboard.problems.queries import find_problem
from civicboard.progress import fragments, policy
from civicboard.progress.actions import NO_POSTER, NOT_POSTER, set_stage
from civicboard.progress.forms import NewStage
from civicboard.progress.queries import find_sent_stage_change, find_stage_change, stage_changes_on

web.FLASHES["stage-set"] = "The stage is changed, and everybody who watches this problem can see it."

#: What each stage means, beside its name in the form.
MEANINGS: dict[str, str] = {
    "open": "Nobody has found the way in yet.",
    "exploring": "We are finding out what it is and who could help.",
    "trying": "Something is being tried.",
    "sorted": "It is done. Say what worked.",
    "stuck": "It goes no further. Say what it is stuck on.",
    "passed_on": "Others have taken it on. Say who, and why.",
}


async def show_stage(request: Request) -> Response:
    """Where the problem stands, how it got there, and the form that moves it for whoever may."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        changes = await stage_changes_on(work, number)
        draft = await find_draft(work, web.known_browser_hash(request), f"stage:{number}")
    who = web.viewer(request)
    return web.page(
        request,
        "progress/stage.html",
        {
            "problem": problem,
            "changes": changes,
            "form": web.form_state(request, "stage", lambda: draft or {}),
            "may_set": policy.may_set_stage(who, problem.poster_id),
            "why_not": NO_POSTER if problem.poster_id is None else NOT_POSTER,
            "stages": [(name, words, MEANINGS[name]) for name, words in STAGES.items() if name != problem.stage],
        },
        has_form=True,
    )


@web.otherwise(show_stage, form="stage")
async def create_stage(request: Request) -> Response:
    number = request.path_params["number"]
    form = await NewStage.read(request)
    web.require_account(request, next_path=f"/problems/{number}/stage", draft=f"stage:{number}")
    async with web.reading(request) as work:
        before = await find_sent_stage_change(work, form.key)
    if before is None:
        await web.limit(request, "tap")
    async with web.writing(request) as work:
        change_id = await set_stage(work, number, to=form.to, why=form.why, form_key=form.key)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"stage:{number}")
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        change = await find_stage_change(work, change_id)
    return web.show(
        request,
        fragments.stage_change(change),
        problems.head(problem),
        then=f"{problem.path}#stage-{change_id}",
        said="stage-set",
    )


ROUTES = [
    Route("/problems/{number:int}/stage", show_stage, methods=["GET"], name="show_stage"),
    Route("/problems/{number:int}/stage", create_stage, methods=["POST"], name="create_stage"),
]
