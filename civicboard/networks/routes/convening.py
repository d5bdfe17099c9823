"""Looking after a problem."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.networks import actions, policy
from civicboard.networks.forms import ConveningAnswer, Successor
from civicboard.networks.queries import (
    MOST_ON_PAGE,
    find_convenor,
    is_involved,
    members_of,
    questions_by,
    questions_for,
)
from civicboard.problems.queries import find_problem

HERE = "/problems/{number:int}/convenor"

web.FLASHES["convening-asked"] = "They have been asked. Nothing changes before they answer."
web.FLASHES["convening-stands"] = "They have been asked already. Nothing changes before they answer."
web.FLASHES["convening"] = "Thank you. You look after this problem now, for 30 days."
web.FLASHES["convening-waits"] = "Thank you. Who posted the problem has been asked for their yes."
web.FLASHES["convening-yes"] = "Thank you. They look after this problem now."
web.FLASHES["convening-not-now"] = "It stays as it was. They hear that it is not now."
web.FLASHES["convening-taken-back"] = "You have taken that back."
web.FLASHES["convening-renewed"] = "Thank you. You look after this problem for another 30 days."
web.FLASHES["convening-put-down"] = "You have put it down. Thank you for looking after it."


#: What is said of naming somebody, by what became of it.
_NAMED = {"asked": "convening-asked", "stands": "convening-stands", "began": "convening-yes"}


async def show_convening(request: Request) -> Response:
    """Who looks after a problem, what that means, and what the viewer may do about it."""
    number, who = request.path_params["number"], web.viewer(request)
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
        convenor = await find_convenor(work, number)
        involved = await is_involved(work, number, problem.poster_id)
        may_name = policy.may_name(who, poster_id=problem.poster_id, convenor_id=problem.convenor_id)
        members = await members_of(work, number, most=MOST_ON_PAGE) if may_name else []
        to_me = await questions_for(work, number)
        by_me = await questions_by(work, number)
    is_convenor = policy.convenes(who, problem.convenor_id)
    may_convene = policy.may_convene(who, involved=involved, poster_id=problem.poster_id)
    comes_forward = any(one.person_id == who.id for one in (*to_me, *by_me))
    return web.page(
        request,
        "networks/convening.html",
        {
            "problem": problem,
            "convenor": convenor,
            "is_convenor": is_convenor,
            "is_poster": who.signed_in and who.id == problem.poster_id,
            "may_convene": may_convene and convenor is None and not comes_forward,
            "might_convene": convenor is None and not who.signed_in,
            "is_outside": who.signed_in and convenor is None and not involved,
            "to_me": to_me,
            "by_me": by_me,
            "may_name": may_name and not any(one.named_by_id == who.id for one in by_me),
            "others": [one for one in members if one.person_id not in (who.id, problem.poster_id)],
            "form": web.form_state(request, "successor", dict),
            "answer": web.form_state(request, "answer", dict),
        },
        has_form=True,
    )


async def create_convening(request: Request) -> Response:
    """I look after it."""
    number = await _let_in(request)
    async with web.writing(request) as work:
        await actions.look_after(work, number)
    return await _back(request, "convening-waits")


async def destroy_convening(request: Request) -> Response:
    """I put it down."""
    number = await _let_in(request)
    async with web.writing(request) as work:
        await actions.put_down(work, number)
    return await _back(request, "convening-put-down")


async def create_convening_renewal(request: Request) -> Response:
    """Another 30 days."""
    number = await _let_in(request)
    async with web.writing(request) as work:
        await actions.renew_convening(work, number)
    return await _back(request, "convening-renewed")


@web.otherwise(show_convening, form="successor")
async def create_successor(request: Request) -> Response:
    """Would you?"""
    number = await _let_in(request, rate="asks")
    form = await Successor.read(request)
    async with web.writing(request) as work:
        became = await actions.name_convenor(work, number, form.who)
    return await _back(request, _NAMED[became])


@web.otherwise(show_convening, form="answer")
async def create_convening_answer(request: Request) -> Response:
    """Yes, or not now."""
    number = await _let_in(request)
    form = await ConveningAnswer.read(request)
    deed = actions.agree_to_convening if form.answer == "yes" else actions.decline_convening
    async with web.writing(request) as work:
        await deed(work, number, request.path_params["id"])
    return await _back(request, "convening-yes" if form.answer == "yes" else "convening-not-now")


async def destroy_question(request: Request) -> Response:
    """I take it back."""
    number = await _let_in(request)
    async with web.writing(request) as work:
        await actions.take_back_question(work, number, request.path_params["id"])
    return await _back(request, "convening-taken-back")


async def _let_in(request: Request, *, rate: str = "tap") -> int:
    number: int = request.path_params["number"]
    web.require_account(request, next_path=f"/problems/{number}/convenor")
    await web.limit(request, rate)
    return number


async def _back(request: Request, said: str) -> Response:
    """To the page of who looks after it. After a yes it says who does, or who is waited for."""
    number = request.path_params["number"]
    async with web.reading(request) as work:
        problem = await find_problem(work, number)
    if said in ("convening-waits", "convening-yes"):
        if policy.convenes(web.viewer(request), problem.convenor_id):
            said = "convening"
        elif problem.convenor_id is None or problem.poster_id != web.viewer(request).id:
            said = "convening-waits"
    return web.see(request, f"/problems/{number}/convenor", said=said)


ROUTES = [
    Route(HERE, show_convening, name="show_convening"),
    Route(HERE, create_convening, methods=["POST"], name="create_convening"),
    Route(HERE, destroy_convening, methods=["DELETE"], name="destroy_convening"),
    web.form_at(f"{HERE}/renewal", "/problems/{number}/convenor", name="show_convening_renewal_form"),
    Route(f"{HERE}/renewal", create_convening_renewal, methods=["POST"], name="create_convening_renewal"),
    web.form_at(f"{HERE}/successor", "/problems/{number}/convenor", name="show_successor_form"),
    Route(f"{HERE}/successor", create_successor, methods=["POST"], name="create_successor"),
    Route(f"{HERE}/questions/{{id:int}}", destroy_question, methods=["DELETE"], name="destroy_question"),
    web.form_at(f"{HERE}/questions/{{id:int}}/answer", "/problems/{number}/convenor", name="show_question_form"),
    Route(
        f"{HERE}/questions/{{id:int}}/answer",
        create_convening_answer,
        methods=["POST"],
        name="create_convening_answer",
    ),
]
