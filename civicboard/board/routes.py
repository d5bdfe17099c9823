"""The pages that gather several features: the board, one problem's page, search."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import (
    PAGE,
    SORTS,
    Card,
    Entry,
    Filter,
    Key,
    ProblemPage,
    board_frame,
    cards_on,
    find_problem_page,
    search_posts,
    search_problems,
    stage_names,
    suggested,
)
from civicboard.kit import web
from civicboard.kit.text import quote
from civicboard.kit.web import page, reading
from civicboard.kit.work import Missing, Work
from civicboard.offers.queries import offers_on
from civicboard.people.queries import find_draft
from civicboard.places.queries import PlaceRow
from civicboard.posts.models import CAPACITIES
from civicboard.posts.queries import PostRow, find_post, latest_posts, posts_on
from civicboard.problems.models import STAGES
from civicboard.problems.queries import find_problem, find_standing
from civicboard.progress import policy as progress
from civicboard.progress.queries import stage_changes_on

#: How old the places and tags may be that the form above the board suggests.
FORM_SECONDS = 5.0


def _notice(request: Request, card: Card) -> Markup:
    """A notice as it was rendered for this version of its problem, whoever looked at it then."""
    return web.kit(request).pages.kept("board/_notice.html", card.key, lambda: {"card": card})


@dataclass(frozen=True, slots=True)
class _Kind:
    """A partial of which a page has many: its template, what it calls the row, and what a rendered one depends on."""

    template: str
    name: str
    key: Callable[[Any], tuple[object, ...]]


_POST = _Kind("posts/_post.html", "post", lambda post: post.key)
_SAID = _Kind("posts/_said.html", "said", lambda said: said.key)
_CHANGE = _Kind("progress/_stage_change.html", "change", lambda change: (change.id, change.by_name, change.by_handle))
_OFFER = _Kind(
    "offers/_offer.html", "offer", lambda offer: (offer.id, offer.version, offer.helper_name, offer.helper_handle)
)


def read_filter(request: Request) -> Filter:
    """The filter in the address; what makes no sense there is left out, so that no address is an error."""
    given = request.query_params
    return Filter(
        place=_one_line(given.get("place", ""), 80),
        stage=given.get("stage", "") if given.get("stage") in STAGES else "",
        tag=_one_line(given.get("tag", ""), 30).lower(),
        needs=given.get("needs") == "1",
        mine=given.get("mine") == "1" and web.viewer(request).signed_in,
        sort=given.get("sort", "moved") if given.get("sort") in SORTS else "moved",
        after=given.get("after", "")[:40],
    )


async def show_board(request: Request) -> Response:
    """Every problem as a notice, the newest movement first."""
    return await web.shared(request, lambda: _show_board(request))


async def _suggestions(request: Request) -> tuple[list[PlaceRow], list[str]]:
    """The places and tags that the form offers, which change seldom."""

    async def read() -> tuple[list[PlaceRow], list[str]]:
        async with web.kit(request).desk.reading() as work:
            return await suggested(work)

    return await web.kit(request).desk.recent.get("suggestions", read, seconds=FORM_SECONDS)


async def _show_board(request: Request) -> Response:
    pages = web.kit(request).pages
    notices: dict[object, Markup] = {}

    def known(key: Key) -> bool:
        html = pages.found("board/_notice.html", key)
        if html is not None:
            notices[key[0]] = html
        return html is not None

    wanted = read_filter(request)
    async with reading(request) as work:
        cursor, said = await board_frame(work)
        found = await cards_on(work, wanted, known=known)
        latest = await _kept(request, _SAID, said, lambda: latest_posts(work))
    places, tags = await _suggestions(request)
    notices |= {card.problem.id: _notice(request, card) for card in found.cards}
    return page(
        request,
        "board/board.html",
        {
            "cursor": cursor,
            "notices": [notices[number] for number, *_ in found.keys if number in notices],
            "wanted": wanted,
            "next": found.next,
            "places": places,
            "within": [place.slug for place in places if place.id in found.places],
            "place": next((place for place in places if place.slug == wanted.place), None),
            "tags": tags,
            "latest": latest,
            "stages": stage_names(),
            "sorts": list(SORTS.items()),
            "page_size": PAGE,
        },
    )


async def show_problem(request: Request) -> Response:
    """One problem: its story, its people, its thread, its progress. An old address leads to the newest."""
    number, before = request.path_params["number"], _before(request)
    async with reading(request) as work:
        found = await find_problem_page(work, number, before=before)
        problem = found.problem
        if request.method in ("GET", "HEAD") and request.path_params.get("slug") != problem.slug:
            query = f"?{request.url.query}" if request.url.query else ""
            return web.see(request, problem.path + query)
        posts = await _kept(request, _POST, found.posts, lambda: _posts(work, number, before))
        changes = await _kept(request, _CHANGE, found.changes, lambda: stage_changes_on(work, number))
        offers = await _kept(request, _OFFER, found.offers, lambda: offers_on(work, number))
        standing = await find_standing(work, number)
        quoted = await _quoted(request, work, number)
        browser = web.known_browser(request)
        draft = await find_draft(work, web.hashed(browser), f"reply:{number}") if browser else None
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
    return page(
        request,
        "board/problem.html",
        {
            "cursor": found.cursor,
            "problem": problem,
            **_around(request, found),
            "offers": offers,
            "thread": thread,
            "before": before,
            "older": found.posts[0].key[0] if found.has_older else None,
            "standing": standing,
            "reply": web.form_state(request, "reply", lambda: start),
            "preview": getattr(request.state, "preview", ""),
            "capacities": list(CAPACITIES.items()),
            "may_set_stage": progress.may_set_stage(web.viewer(request), problem.poster_id),
            "may_edit": web.viewer(request).id is not None and web.viewer(request).id == problem.poster_id,
        },
        has_form=True,
    )


async def _kept(
    request: Request, kind: _Kind, entries: Sequence[Entry], read: Callable[[], Awaitable[Sequence[Any]]]
) -> list[Markup]:
    """Each entry as it was rendered for its key. Unless all are kept, the rows are read; "" for one gone meanwhile."""
    pages = web.kit(request).pages
    ready = [pages.found(kind.template, entry.key) for entry in entries]
    if all(html is not None for html in ready):
        return [html for html in ready if html is not None]
    rows = {row.id: row for row in await read()}
    made = {
        number: pages.kept(kind.template, kind.key(row), functools.partial(dict, {kind.name: row}))
        for number, row in rows.items()
    }
    return [made.get(entry.key[0], Markup()) for entry in entries]


async def _posts(work: Work, number: int, before: int | None) -> list[PostRow]:
    return (await posts_on(work, number, before=before))[0]


def _around(request: Request, found: ProblemPage) -> dict[str, Markup]:
    """What stands round the thread, each piece as it was rendered for what it depends on."""
    kept, problem = web.kit(request).pages.kept, found.problem
    shown = [(member.person_id, member.name, member.handle, member.part, member.brings) for member in found.members]
    return {
        "head": kept("problems/_head.html", problem.head_key, lambda: {"problem": problem}),
        "story": kept("problems/_story.html", problem.story_key, lambda: {"problem": problem}),
        "members": kept("networks/_members.html", (problem.id, *shown), lambda: {"members": found.members}),
    }


def _one_line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]


def _before(request: Request) -> int | None:
    given = request.query_params.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None


async def _quoted(request: Request, work: Work, number: int) -> PostRow | None:
    given = request.query_params.get("quote", "")
    if not (given.isascii() and given.isdigit() and len(given) < 18):
        return None
    try:
        post = await find_post(work, int(given))
    except Missing:
        return None
    return post if post.problem_id == number else None


async def show_search(request: Request) -> Response:
    """Problems and posts that have these words."""
    words = _one_line(request.query_params.get("q", ""), 200)
    problems, posts = [], []
    if words:
        await web.limit(request, "search")
        async with reading(request) as work:
            if number := re.fullmatch(r"#?([0-9]{1,9})", words):
                with contextlib.suppress(Missing):
                    return web.see(request, (await find_problem(work, int(number[1]))).path)
            problems = await search_problems(work, words)
            posts = await search_posts(work, words)
    return page(
        request,
        "board/search.html",
        {
            "words": words,
            "found": [(found, _notice(request, found.card)) for found in problems],
            "posts": posts,
        },
    )


async def show_space(request: Request) -> Response:
    """What this place is, and what people here agree to."""
    return page(request, "board/space.html", {})


ROUTES = [
    Route("/", show_board, name="show_board"),
    Route("/search", show_search, name="show_search"),
    Route("/about/space", show_space, name="show_space"),
    Route("/problems/{number:int}", show_problem, name="show_problem_by_number"),
    Route("/problems/{number:int}/{slug:str}", show_problem, name="show_problem"),
]
