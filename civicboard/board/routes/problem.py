"""One problem: its story, its people, its thread, its progress."""

from __future__ import annotations

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import ProblemPage, find_problem_page
from civicboard.board.routes.helping import helping_now
from civicboard.board.routes.kept import Kind, kept_rows
from civicboard.board.routes.related import related_problems
from civicboard.kit import web
from civicboard.kit.text import quote
from civicboard.kit.web import page, reading
from civicboard.kit.work import Missing, Work
from civicboard.networks.fragments import convenor_key
from civicboard.networks.queries import others_round, questions_for
from civicboard.offers.fragments import needs_key, thanks_for
from civicboard.offers.queries import find_offer, offers_on
from civicboard.people.queries import find_draft
from civicboard.posts.models import CAPACITIES
from civicboard.posts.queries import PostRow, find_post, posts_on
from civicboard.problems import policy as problems
from civicboard.problems.queries import find_standing
from civicboard.progress import policy as progress
from civicboard.progress.queries import stage_changes_on

_POST = Kind("posts/_post.html", "post", lambda post: post.key)
_CHANGE = Kind("progress/_stage_change.html", "change", lambda change: (change.id, change.by_name, change.by_handle))
_OFFER = Kind("offers/_offer.html", "offer", lambda offer: offer.key)


async def show_problem(request: Request) -> Response:
    """One problem: its story, its people, its thread, its progress. An old address leads to the newest."""
    number, before = request.path_params["number"], web.number_in(request, "before")
    async with reading(request) as work:
        found = await find_problem_page(work, number, before=before)
        problem = found.problem
        if request.method in ("GET", "HEAD") and request.path_params.get("slug") != problem.slug:
            query = f"?{request.url.query}" if request.url.query else ""
            return web.see(request, problem.path + query)
        posts = await kept_rows(request, _POST, found.posts, lambda: _posts(work, number, before))
        changes = await kept_rows(request, _CHANGE, found.changes, lambda: stage_changes_on(work, number))
        offers = await kept_rows(request, _OFFER, found.offers, lambda: offers_on(work, number))
        standing = await find_standing(work, number)
        quoted = await _quoted(request, work, number)
        questions = await questions_for(work, number)
        thanks = await _thanks(request, work, number)
        helping = await helping_now(request, work, problem, standing, found.needs)
        draft = await find_draft(work, web.known_browser_hash(request), f"reply:{number}")
    # Stage changes stand between the posts of this page, and not between those of its neighbours.
    first = found.posts[0].at if found.has_older and found.posts else None
    last = found.posts[-1].at if before and found.posts else None
    entries = [(entry.at, html) for entry, html in zip(found.posts, posts, strict=True)]
    entries += [
        (entry.at, html)
        for entry, html in zip(found.changes, changes, strict=True)
        if (first is None or first <= entry.at) and (last is None or entry.at <= last)
    ]
    thread = [html for _, html in sorted(entries, key=lambda entry: entry[0]) if html]
    start = {"kind": "reply", "capacity": "neighbour", **(draft or {})}
    if quoted is not None:
        written = start.get("words", "")
        cited = quote(quoted.words, f"@{quoted.author_handle}")
        if cited not in written:
            start["words"] = f"{written}\n\n{cited}\n\n".lstrip()
        start["quotes"] = str(quoted.id)
    if thanks and not start.get("words"):
        start |= {"words": thanks}
    return page(
        request,
        "board/problem.html",
        {
            "cursor": found.cursor,
            "problem": problem,
            **_around(request, found),
            "offers": offers,
            "thread": thread,
            "related": await related_problems(request, number),
            "before": before,
            "older": found.posts[0].key[0] if found.has_older else None,
            "standing": standing,
            "questions": questions,
            **helping,
            "reply": web.form_state(request, "reply", lambda: start),
            "preview": getattr(request.state, "preview", ""),
            "capacities": list(CAPACITIES.items()),
            "may_set_stage": progress.may_set_stage(web.viewer(request), problem.poster_id),
            "may_edit": problems.may_edit(web.viewer(request), problem.poster_id),
        },
        has_form=True,
    )


async def _posts(work: Work, number: int, before: int | None) -> list[PostRow]:
    return (await posts_on(work, number, before=before))[0]


def _around(request: Request, found: ProblemPage) -> dict[str, Markup]:
    """What stands round the thread, each piece as it was rendered for what it depends on."""
    kept, problem = web.kit(request).pages.kept, found.problem
    others = others_round(problem, found.members)
    shown = [member.key for member in found.members]
    return {
        "head": kept("problems/_head.html", problem.head_key, lambda: {"problem": problem}),
        "needs": kept(
            "offers/_needs.html",
            needs_key(problem, found.needs),
            lambda: {"problem": problem, "needs": found.needs},
        ),
        "story": kept("problems/_story.html", problem.story_key, lambda: {"problem": problem}),
        "convenor": kept(
            "networks/_convenor.html",
            convenor_key(problem, found.convenor),
            lambda: {"problem": problem, "convenor": found.convenor},
        ),
        "members": kept(
            "networks/_members.html",
            (problem.id, others, *shown),
            lambda: {"members": found.members, "others": others},
        ),
    }


async def _thanks(request: Request, work: Work, number: int) -> str:
    """The line that begins a thank you, for one of the two of an offer that has ended here; empty for anybody else."""
    wanted = web.number_in(request, "thanks")
    if wanted is None:
        return ""
    try:
        offer = await find_offer(work, wanted)
    except Missing:
        return ""
    return thanks_for(offer, web.viewer(request)) if offer.problem_id == number else ""


async def _quoted(request: Request, work: Work, number: int) -> PostRow | None:
    wanted = web.number_in(request, "quote")
    if wanted is None:
        return None
    try:
        post = await find_post(work, wanted)
    except Missing:
        return None
    return post if post.problem_id == number else None


ROUTES = [
    Route("/problems/{number:int}", show_problem, name="show_problem_by_number"),
    Route("/problems/{number:int}/{slug:str}", show_problem, name="show_problem"),
]
