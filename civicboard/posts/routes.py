"""Doors to the conversation: write, quote, edit, history, permalink."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.diff import diffs, page_of, pager, read_before
from civicboard.kit.forms import FormState
from civicboard.kit.web import page, reading, writing
from civicboard.kit.work import Missing, require
from civicboard.people.actions import drop_draft
from civicboard.people.queries import find_draft
from civicboard.posts import actions, fragments, policy
from civicboard.posts.forms import EditedPost, NewPost
from civicboard.posts.models import CAPACITIES
from civicboard.posts.queries import PostRow, find_page_of, find_post, find_sent_post, wordings_of
from civicboard.problems.queries import find_problem


def create_post_on(show_problem: web.Handler) -> web.Handler:
    """The door for writing a post; ``show_problem`` is the page whose form it is, which a higher feature makes."""

    @web.otherwise(show_problem, form="reply")
    async def create_post(request: Request) -> Response:
        number = request.path_params["number"]
        if await web.previews(request, "reply", "words"):
            return await show_problem(request)
        form = await NewPost.read(request)
        web.require_account(request, next_path=f"/problems/{number}#composer", draft=f"reply:{number}")
        async with reading(request) as work:
            before = await find_sent_post(work, form.key)
        if before is None:
            await web.limit(request, "comment")
        async with writing(request) as work:
            post_id = await actions.write_post(
                work,
                number,
                kind=form.kind,
                capacity=form.capacity,
                words=form.words,
                quotes_id=form.quotes,
                form_key=form.key,
            )
            await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"reply:{number}")
        async with reading(request) as work:
            post = await find_post(work, post_id)
            problem = await find_problem(work, number)
        answer = web.show(request, fragments.post(post), then=f"{problem.path}#post-{post.id}")
        if web.by_htmx(request):
            fresh = web.kit(request).pages.render(
                "posts/_composer.html",
                {
                    **web.base_context(request),
                    "problem": problem,
                    "reply": FormState.of({"kind": "reply", "capacity": form.capacity}),
                    "capacities": list(CAPACITIES.items()),
                    "preview": "",
                },
            )
            answer = HTMLResponse(fresh + bytes(answer.body).decode(), headers={"Cache-Control": "no-store"})
        return answer

    return create_post


async def find_post_here(request: Request) -> PostRow:
    """The post that the address names, on the problem that it names."""
    async with reading(request) as work:
        post = await find_post(work, request.path_params["id"])
    if post.problem_id != request.path_params["number"]:
        raise Missing
    return post


async def show_post(request: Request) -> Response:
    """A post's permanent address: it leads to its place in the conversation."""
    post = await find_post_here(request)
    async with reading(request) as work:
        problem = await find_problem(work, post.problem_id)
        before = await find_page_of(work, post)
    query = f"?before={before}" if before else ""
    return web.see(request, f"{problem.path}{query}#post-{post.id}")


async def show_edit_post(request: Request) -> Response:
    """The form to edit a post with, as it was left; after a conflict, with how the post reads now."""
    post = await find_post_here(request)
    require(policy.may_edit(web.viewer(request), post.author_id), actions.NOT_AUTHOR)
    browser = web.known_browser_hash(request) if "afresh" not in request.query_params else None
    async with reading(request) as work:
        draft = await find_draft(work, browser, f"post:{post.id}")
    form = web.form_state(request, "post", lambda: {"words": post.words, "version": post.version, **(draft or {})})
    conflict = getattr(request.state, "conflict", False)
    if conflict:
        form.values["version"] = str(post.version)
    return page(
        request,
        "posts/edit.html",
        {
            "post": post,
            "form": form,
            "preview": getattr(request.state, "preview", ""),
            "kept": bool(draft) and request.method == "GET",
            "conflict": conflict,
        },
        has_form=True,
    )


@web.otherwise(show_edit_post, form="post", conflict=True)
async def update_post(request: Request) -> Response:
    number, post_id = request.path_params["number"], request.path_params["id"]
    # First of all: a stranger can't be shown the form again, so what they typed goes into the draft, valid or not.
    web.require_account(request, next_path=f"/problems/{number}/posts/{post_id}/edit", draft=f"post:{post_id}")
    if await web.previews(request, "post", "words"):
        return await show_edit_post(request)
    form = await EditedPost.read(request)
    await web.limit(request, "comment")
    post = await find_post_here(request)
    async with writing(request) as work:
        await actions.edit_post(work, post.id, words=form.words, seen_version=form.version)
        await drop_draft(work, browser_hash=web.known_browser_hash(request), name=f"post:{post.id}")
    return web.see(request, f"/problems/{post.problem_id}/posts/{post.id}")


async def show_post_history(request: Request) -> Response:
    """Everything a post has said, the newest first, with what changed; a page of it."""
    post = await find_post_here(request)
    before = read_before(request.query_params.get("before", ""), newest=post.version)
    async with reading(request) as work:
        shown = page_of(await wordings_of(work, post, before=before))
    words = await diffs([(then.words if then else now.words, now.words) for now, then in shown])
    changes = list(zip((now for now, _ in shown), words, strict=True))
    context = {"post": post, "changes": changes, **pager(f"{post.path}/history", before, newest=post.version)}
    return page(request, "posts/history.html", context)


ROUTES = [
    web.form_at("/problems/{number:int}/posts", "/problems/{number}#composer", name="show_reply_form"),
    Route("/problems/{number:int}/posts/{id:int}", show_post, name="show_post"),
    Route("/problems/{number:int}/posts/{id:int}/edit", show_edit_post, name="show_edit_post"),
    Route("/problems/{number:int}/posts/{id:int}/edit", update_post, methods=["POST"], name="update_post"),
    Route("/problems/{number:int}/posts/{id:int}/history", show_post_history, name="show_post_history"),
]
