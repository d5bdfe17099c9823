"""The doors to a network: its members' thread, stepping out, staying together, being asked along."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.forms import FormState
from civicboard.kit.web import page, reading, writing
from civicboard.kit.work import Missing, require
from civicboard.networks import actions, fragments, policy
from civicboard.networks.forms import EditedMembersPost, Invitation, NewMembersPost, Together
from civicboard.networks.queries import (
    NetworkRow,
    find_agreed,
    find_circle,
    find_members_post,
    find_members_post_here,
    find_network,
    find_part,
    find_sent_members_post,
    invited_to,
    members_posts_on,
    networks_staying,
)
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.problems.queries import ProblemRow, find_problem

web.FLASHES["stepped-out"] = (
    "You have stepped out. What you said in the open stays, and offers of yours that were welcomed here have ended."
)
web.FLASHES["back"] = "You are in again. Offers that ended meanwhile stay ended: make a new one if you still can."
web.FLASHES["too-late"] = "That was too long ago to undo. Say something or offer help, and you are in again."
web.FLASHES["together"] = "Thank you. It is on the list of networks that stay together."
web.FLASHES["apart"] = "It is no longer on the list of networks that stay together."
web.FLASHES["invited"] = "They have been asked, in the thread of their members."


async def show_members_thread(request: Request) -> Response:
    """What the members have written to each other. For everybody else it isn't there."""
    number, before = request.path_params["number"], _number_in(request, "before")
    async with reading(request) as work:
        await find_circle(work, number)
        cursor = await web.moment(work)
        posts, has_older = await members_posts_on(work, number, before=before)
        problem = await find_problem(work, number)
        draft = await find_draft(work, web.known_browser_hash(request), f"members:{number}")
    return page(
        request,
        "networks/members.html",
        {
            "cursor": cursor,
            "problem": problem,
            "posts": posts,
            "before": before,
            "older": posts[0].id if has_older else None,
            "form": web.form_state(request, "members", lambda: draft or {}),
            "preview": getattr(request.state, "preview", ""),
        },
        headers={"Cache-Control": "no-store"},
        has_form=True,
    )


@web.otherwise(show_members_thread, form="members")
async def create_members_post(request: Request) -> Response:
    number = request.path_params["number"]
    there = f"/problems/{number}/network/members"
    web.require_account(request, next_path=there, draft=f"members:{number}")
    async with reading(request) as work:
        await find_circle(work, number)
    if await web.previews(request, "members", "words"):
        return await show_members_thread(request)
    form = await NewMembersPost.read(request)
    async with reading(request) as work:
        before = await find_sent_members_post(work, form.key)
    if before is None:
        await web.limit(request, "comment")
    async with writing(request) as work:
        post_id = await actions.write_members_post(work, number, words=form.words, form_key=form.key)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"members:{number}")
    async with reading(request) as work:
        post = await find_members_post(work, post_id)
        problem = await find_problem(work, number)
    answer = web.show(request, fragments.members_post(post), then=f"{there}#members-post-{post.id}")
    if web.by_htmx(request):
        fresh = web.kit(request).pages.render(
            "networks/_composer.html",
            {**web.base_context(request), "problem": problem, "form": FormState.of({}), "preview": ""},
        )
        answer = HTMLResponse(fresh + bytes(answer.body).decode(), headers={"Cache-Control": "no-store"})
    return answer


async def show_edit_members_post(request: Request) -> Response:
    """The form to edit what one has just written; after a conflict, with how it reads now."""
    number, post_id = request.path_params["number"], request.path_params["id"]
    async with reading(request) as work:
        post = await find_members_post_here(work, number, post_id)
        in_time = policy.in_time_to_edit(post.posted_at, work.now)
    require(policy.may_edit(web.viewer(request), post.author_id), actions.writing.NOT_AUTHOR)
    conflict = getattr(request.state, "conflict", False)
    require(in_time or conflict, actions.writing.TOO_LATE)
    form = web.form_state(request, "post", lambda: {"words": post.words, "version": post.version})
    if conflict:
        form.values["version"] = str(post.version)
    return page(
        request,
        "networks/edit.html",
        {
            "post": post,
            "form": form,
            "preview": getattr(request.state, "preview", ""),
            "conflict": conflict,
            "in_time": in_time,
        },
        headers={"Cache-Control": "no-store"},
        has_form=True,
    )


@web.otherwise(show_edit_members_post, form="post", conflict=True)
async def update_members_post(request: Request) -> Response:
    number, post_id = request.path_params["number"], request.path_params["id"]
    there = f"/problems/{number}/network/members"
    web.require_account(request, next_path=f"{there}/{post_id}/edit")
    async with reading(request) as work:
        await find_members_post_here(work, number, post_id)
    if await web.previews(request, "post", "words"):
        return await show_edit_members_post(request)
    form = await EditedMembersPost.read(request)
    await web.limit(request, "comment")
    async with writing(request) as work:
        await actions.edit_members_post(work, number, post_id, words=form.words, seen_version=form.version)
    return web.see(request, f"{there}#members-post-{post_id}")


async def destroy_membership(request: Request) -> Response:
    """Step out."""
    number = request.path_params["number"]
    await _let_in(request, number)
    async with writing(request) as work:
        await actions.step_out(work, number)
    return web.see(request, f"/problems/{number}/network", said="stepped-out")


async def create_membership(request: Request) -> Response:
    """Undo that."""
    number = request.path_params["number"]
    await _let_in(request, number)
    async with writing(request) as work:
        part = await find_part(work, number)
        done = part is not None or await actions.come_back(work, number)
        await find_problem(work, number)
    return web.see(request, f"/problems/{number}/network", said="back" if done else "too-late")


async def show_together(request: Request) -> Response:
    """The form in which a network says that it stays together."""
    number = request.path_params["number"]
    async with reading(request) as work:
        problem = await find_problem(work, number)
        part = await find_part(work, number)
        agreed = await find_agreed(work, number)
        draft = await find_draft(work, web.known_browser_hash(request), f"together:{number}")
    require(policy.may_speak_for(part.part if part else None), actions.staying.NO_PART)
    start = {"name": agreed.name, "about": agreed.about} if agreed else {}
    return page(
        request,
        "networks/together.html",
        {
            "problem": problem,
            "agreed": agreed,
            "form": web.form_state(request, "together", lambda: {**start, **(draft or {})}),
        },
        has_form=True,
    )


@web.otherwise(show_together, form="together")
async def update_together(request: Request) -> Response:
    number = request.path_params["number"]
    await _let_in(request, number, at="/together", draft=f"together:{number}")
    async with reading(request) as work:
        await find_problem(work, number)
        part = await find_part(work, number)
    require(policy.may_speak_for(part.part if part else None), actions.staying.NO_PART)
    form = await Together.read(request)
    async with writing(request) as work:
        await actions.stay_together(work, number, name=form.name, about=form.about)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"together:{number}")
    return web.see(request, f"/problems/{number}/network", said="together")


async def destroy_together(request: Request) -> Response:
    number = request.path_params["number"]
    await _let_in(request, number, at="/together")
    async with writing(request) as work:
        await actions.part_ways(work, number)
    return web.see(request, f"/problems/{number}/network", said="apart")


async def show_networks(request: Request) -> Response:
    """Networks that stay together. With ``for``, the poster of that problem may ask one of them along."""
    words = " ".join(request.query_params.get("q", "").split())[:200]
    number = _number_in(request, "for")
    if words:
        await web.limit(request, "search")
    async with reading(request) as work:
        networks, has_more = await networks_staying(work, words=words, after=_after_in(request))
        problem = None
        if number is not None:
            with contextlib.suppress(Missing):
                problem = await find_problem(work, number)
        if problem is not None and not policy.may_invite(work.viewer, problem.poster_id):
            problem = None
        invited = await invited_to(work, problem.id) if problem is not None else set()
    context = {
        "words": words,
        "networks": networks,
        "problem": problem,
        "invited": invited,
        "next": _after(networks[-1]) if has_more else "",
    }
    return page(request, "networks/networks.html", context)


async def show_new_invitation(request: Request) -> Response:
    """The form to ask a network along, for the poster of the problem."""
    problem, network = await _find_to_invite(request)
    async with reading(request) as work:
        invited = network.problem_id in await invited_to(work, problem.id)
        draft = await find_draft(work, web.known_browser_hash(request), f"invitation:{network.problem_id}")
    return page(
        request,
        "networks/invitation.html",
        {
            "problem": problem,
            "network": network,
            "invited": invited,
            "form": web.form_state(request, "invitation", lambda: draft or {}),
        },
        has_form=True,
    )


@web.otherwise(show_new_invitation, form="invitation")
async def create_invitation(request: Request) -> Response:
    number, network_id = request.path_params["number"], request.path_params["id"]
    there = f"/problems/{number}/network/invitations/{network_id}"
    web.require_account(request, next_path=there, draft=f"invitation:{network_id}")
    form = await Invitation.read(request)
    await _find_to_invite(request)
    await web.limit(request, "invitations")
    async with writing(request) as work:
        await actions.invite_network(work, number, network_id, words=form.words)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"invitation:{network_id}")
    return web.see(request, f"/networks?for={number}", said="invited")


async def _find_to_invite(request: Request) -> tuple[ProblemRow, NetworkRow]:
    async with reading(request) as work:
        problem = await find_problem(work, request.path_params["number"])
        require(policy.may_invite(work.viewer, problem.poster_id), actions.staying.NOT_POSTER)
        return problem, await find_network(work, request.path_params["id"])


async def _let_in(request: Request, number: int, *, at: str = "", draft: str = "") -> None:
    web.require_account(request, next_path=f"/problems/{number}/network{at}", draft=draft)
    await web.limit(request, "tap")


def _number_in(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None


def _after(network: NetworkRow) -> str:
    """Where the next page of the list starts, as its address says it."""
    assert network.changed_at is not None  # as of every one that stays
    return f"{round(network.changed_at.timestamp() * 1_000_000)}-{network.problem_id}"


def _after_in(request: Request) -> tuple[datetime, int] | None:
    found = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,17})", request.query_params.get("after", ""), re.ASCII)
    if found is None:
        return None
    seconds, rest = divmod(int(found[1]), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), int(found[2])


_HERE = "/problems/{number:int}/network"
ROUTES = [
    Route("/networks", show_networks, name="show_networks"),
    Route(f"{_HERE}/members", show_members_thread, name="show_members_thread"),
    Route(f"{_HERE}/members", create_members_post, methods=["POST"], name="create_members_post"),
    Route(f"{_HERE}/members/{{id:int}}/edit", show_edit_members_post, name="show_edit_members_post"),
    Route(f"{_HERE}/members/{{id:int}}/edit", update_members_post, methods=["POST"], name="update_members_post"),
    web.form_at(f"{_HERE}/membership", "/problems/{number}/network", name="show_membership_form"),
    Route(f"{_HERE}/membership", create_membership, methods=["POST"], name="create_membership"),
    Route(f"{_HERE}/membership", destroy_membership, methods=["DELETE"], name="destroy_membership"),
    Route(f"{_HERE}/together", show_together, name="show_together"),
    Route(f"{_HERE}/together", update_together, methods=["POST"], name="update_together"),
    Route(f"{_HERE}/together", destroy_together, methods=["DELETE"], name="destroy_together"),
    Route(f"{_HERE}/invitations/{{id:int}}", show_new_invitation, name="show_new_invitation"),
    Route(f"{_HERE}/invitations/{{id:int}}", create_invitation, methods=["POST"], name="create_invitation"),
]
