"""What the members write to each other. For everybody else it isn't there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.forms import FormState
from civicboard.kit.web import page, reading, writing
from civicboard.kit.work import require
from civicboard.networks import actions, fragments, policy
from civicboard.networks.forms import EditedMembersPost, NewMembersPost
from civicboard.networks.queries import (
    find_circle,
    find_members_post,
    find_members_post_here,
    find_sent_members_post,
    members_posts_on,
)
from civicboard.networks.routes.address import HERE
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.problems.queries import find_problem


async def show_members_thread(request: Request) -> Response:
    """What the members have written to each other. For everybody else it isn't there."""
    number, before = request.path_params["number"], web.number_in(request, "before")
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


ROUTES = [
    Route(f"{HERE}/members", show_members_thread, name="show_members_thread"),
    Route(f"{HERE}/members", create_members_post, methods=["POST"], name="create_members_post"),
    Route(f"{HERE}/members/{{id:int}}/edit", show_edit_members_post, name="show_edit_members_post"),
    Route(f"{HERE}/members/{{id:int}}/edit", update_members_post, methods=["POST"], name="update_members_post"),
]
