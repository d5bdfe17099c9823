"""The pages that gather several features: the board, one problem's page, search."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import (
    PAGE,
    SORTS,
    Card,
    Filter,
    cards_on,
    search_posts,
    search_problems,
    stage_names,
)
from civicboard.kit import web
from civicboard.kit.text import quote
from civicboard.kit.web import moment, page, reading
from civicboard.kit.work import Work
from civicboard.networks.queries import MemberRow, members_of
from civicboard.offers.queries import OfferRow, offers_on
from civicboard.people.queries import find_draft
from civicboard.places.queries import places_all
from civicboard.posts.models import CAPACITIES
from civicboard.posts.queries import PostRow, find_post, latest_posts, posts_on
from civicboard.problems.models import STAGES
from civicboard.problems.queries import ProblemRow, find_problem, find_standing, tags_in_use
from civicboard.progress import policy as progress
from civicboard.progress.queries import StageRow, stage_changes_on


def _notice(request: Request, card: Card) -> Markup:
    """A notice as it was rendered for this version of its problem, whoever looked at it then."""
    return web.kit(request).pages.kept("board/_notice.html", card.key, lambda: {"card": card})


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
    wanted = read_filter(request)
    async with reading(request) as work:
        cursor = await moment(work)
        found = await cards_on(work, wanted)
        places = await places_all(work)
        tags = await tags_in_use(work)
        latest = await latest_posts(work)
    pages = web.kit(request).pages
    return page(
        request,
        "board/board.html",
        {
            "cursor": cursor,
            "notices": [_notice(request, card) for card in found.cards],
            "wanted": wanted,
            "next": found.next,
            "places": places,
            "place": next((place for place in places if place.slug == wanted.place), None),
            "tags": tags,
            "latest": [pages.kept("posts/_said.html", said.key, lambda said=said: {"said": said}) for said in latest],
            "stages": stage_names(),
            "sorts": list(SORTS.items()),
            "page_size": PAGE,
        },
    )


async def show_problem(request: Request) -> Response:
    """One problem: its story, its people, its thread, its progress. An old address leads to the newest."""
    number, before = request.path_params["number"], _before(request)
    async with reading(request) as work:
        cursor = await moment(work)
        problem = await find_problem(work, number)
        if request.method in ("GET", "HEAD") and request.path_params.get("slug") != problem.slug:
            query = f"?{request.url.query}" if request.url.query else ""
            return web.see(request, problem.path + query)
        members = await members_of(work, number)
        posts, has_older = await posts_on(work, number, before=before)
        changes = await stage_changes_on(work, number)
        offers = await offers_on(work, number)
        standing = await find_standing(work, number)
        quoted = await _quoted(request, work, number)
        browser = web.known_browser(request)
        draft = await find_draft(work, web.hashed(browser), f"reply:{number}") if browser else None
    # Stage changes stand between the posts of this page, and not between those of its neighbours.
    first = posts[0].order if has_older and posts else 0
    last = posts[-1].order if before and posts else None
    changes = [change for change in changes if first <= change.order and (last is None or change.order <= last)]
    entries: list[PostRow | StageRow] = [*posts, *changes]
    thread = sorted(entries, key=lambda entry: entry.order)
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
            "cursor": cursor,
            "problem": problem,
            **_pieces(request, problem, members, offers),
            "thread": [_entry(request, entry) for entry in thread],
            "before": before,
            "older": posts[0].id if has_older else None,
            "standing": standing,
            "reply": web.form_state(request, "reply", lambda: start),
            "preview": getattr(request.state, "preview", ""),
            "capacities": list(CAPACITIES.items()),
            "may_set_stage": progress.may_set_stage(web.viewer(request), problem.poster_id),
            "may_edit": web.viewer(request).id is not None and web.viewer(request).id == problem.poster_id,
        },
        has_form=True,
    )


def _pieces(
    request: Request, problem: ProblemRow, members: Sequence[MemberRow], offers: Sequence[OfferRow]
) -> dict[str, Markup | list[Markup]]:
    """What stands round the thread, each piece as it was rendered for what it depends on."""
    kept = web.kit(request).pages.kept
    shown = [(member.person_id, member.name, member.handle, member.part, member.brings) for member in members]
    return {
        "head": kept("problems/_head.html", problem.head_key, lambda: {"problem": problem}),
        "story": kept("problems/_story.html", problem.story_key, lambda: {"problem": problem}),
        "members": kept("networks/_members.html", (problem.id, *shown), lambda: {"members": members}),
        "offers": [
            kept(
                "offers/_offer.html",
                (offer.id, offer.version, offer.helper_name, offer.helper_handle),
                lambda offer=offer: {"offer": offer},
            )
            for offer in offers
        ],
    }


def _entry(request: Request, entry: PostRow | StageRow) -> Markup:
    kept = web.kit(request).pages.kept
    if isinstance(entry, PostRow):
        return kept("posts/_post.html", entry.key, lambda: {"post": entry})
    key = (entry.id, entry.by_name, entry.by_handle)
    return kept("progress/_stage_change.html", key, lambda: {"change": entry})


def _one_line(text: str, most: int) -> str:
    return " ".join(text.split())[:most]


def _before(request: Request) -> int | None:
    given = request.query_params.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None


async def _quoted(request: Request, work: Work, number: int) -> PostRow | None:
    given = request.query_params.get("quote", "")
    if not (given.isascii() and given.isdigit() and len(given) < 18):
        return None
    post = await find_post(work, int(given))
    return post if post.problem_id == number else None


async def show_search(request: Request) -> Response:
    """Problems and posts that have these words."""
    words = _one_line(request.query_params.get("q", ""), 200)
    problems, posts = [], []
    if words:
        await web.limit(request, "search")
        async with reading(request) as work:
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
