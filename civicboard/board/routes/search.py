"""Search: problems and posts that have these words."""

from __future__ import annotations

import contextlib
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import MOST_FOUND, MOST_RANKED, search_posts, search_problems
from civicboard.board.routes.asked import one_line
from civicboard.board.routes.kept import kept_notice
from civicboard.kit import web
from civicboard.kit.web import page, reading
from civicboard.kit.work import Missing
from civicboard.problems.queries import find_problem


async def show_search(request: Request) -> Response:
    """Problems and posts that have these words."""
    words = one_line(request.query_params.get("q", ""), 200)
    problems, posts = [], []
    asked = request.query_params.get("most", "")
    most = min(max(int(asked), MOST_FOUND), MOST_RANKED) if re.fullmatch("[0-9]{1,4}", asked) else MOST_FOUND
    if words:
        await web.limit(request, "search")
        async with reading(request) as work:
            if number := re.fullmatch(r"#?([0-9]{1,9})", words):
                with contextlib.suppress(Missing):
                    return web.see(request, (await find_problem(work, int(number[1]))).path)
            problems = await search_problems(work, words, most=most)
            posts = await search_posts(work, words)
    return page(
        request,
        "board/search.html",
        {
            "words": words,
            "found": [(found, kept_notice(request, found.card)) for found in problems],
            "posts": posts,
            "more": most + MOST_FOUND if len(problems) == most < MOST_RANKED and not problems[0].close else None,
        },
    )


ROUTES = [Route("/search", show_search, name="show_search")]
