"""Search: problems, how they ended, needs, people and what was said, by words and by meaning."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.board.queries import (
    KINDS,
    MOST_BESIDE,
    MOST_FOUND,
    MOST_RANKED,
    Search,
    prepared,
    search_needs,
    search_outcomes,
    search_people,
    search_posts,
    search_problems,
)
from civicboard.board.routes.address import one_line
from civicboard.board.routes.kept import kept_notice
from civicboard.kit import web
from civicboard.kit.meaning import Understanding
from civicboard.kit.web import page, reading
from civicboard.kit.work import Missing, Work
from civicboard.offers.models import NEED_KINDS
from civicboard.places.queries import find_place_named
from civicboard.problems.models import STAGES
from civicboard.problems.queries import find_problem

#: How long a search waits for what its words mean: whoever typed them is still typing, or has asked and waits.
PATIENCE_TYPING, PATIENCE_ASKED = 0.6, 2.0


async def show_search(request: Request) -> Response:
    """What has these words, or means something like them. To a script that asks as one types: the results alone."""
    typed = web.by_htmx(request)
    wanted = read_search(request)
    shown: dict[str, Any] = {"wanted": wanted, "words": wanted.words, "refused_words": "", "results": {}, "counts": {}}
    if wanted.words:
        try:
            await web.limit(request, "typing" if typed else "search")
        except web.TooMany as error:
            if not typed:
                raise
            shown["refused_words"] = error.words
        else:
            number = re.fullmatch(r"#?([0-9]{1,9})", wanted.words)
            if number and not typed:
                with contextlib.suppress(Missing):
                    async with reading(request) as work:
                        return web.see(request, (await find_problem(work, int(number[1]))).path)
            shown |= await _results(request, wanted, PATIENCE_TYPING if typed else PATIENCE_ASKED)
    else:
        web.kit(request).part(Understanding).wake()
    if typed:
        response = page(request, "board/_found.html", shown)
        # Going back to this address must never find the piece in place of the page.
        response.headers["Cache-Control"] = "no-store"
    else:
        response = page(request, "board/search.html", shown)
    response.headers["Vary"] = "HX-Request"
    return response


def read_search(request: Request) -> Search:
    """What the address asks for. What makes no sense there is left out."""
    given = request.query_params

    def one_of(name: str, known: dict[str, str]) -> str:
        value = given.get(name, "")
        return value if value in known else ""

    return Search(
        words=one_line(given.get("q", ""), 200),
        kind=one_of("kind", KINDS),
        need=one_of("need", NEED_KINDS),
        stage=one_of("stage", STAGES),
        place=one_line(given.get("place", ""), 80),
        tag=one_line(given.get("tag", ""), 30).lower(),
    )


async def _results(request: Request, wanted: Search, patience: float) -> dict[str, Any]:
    """Everything that was found, by kind, and what it can be narrowed by."""
    understanding = web.kit(request).part(Understanding)
    vector = None if wanted.exact else await understanding.of_query(wanted.words, patience=patience)
    asked = request.query_params.get("most", "")
    most = min(max(int(asked), MOST_FOUND), MOST_RANKED) if re.fullmatch("[0-9]{1,4}", asked) else MOST_FOUND
    async with reading(request) as work:
        meant = replace(wanted, vector=vector, model=understanding.model_id)
        meant = await prepared(work, replace(meant, least=understanding.least, sure=understanding.sure))
        place = await find_place_named(work, wanted.place) if wanted.place else None
        found = await _found(work, meant, most)
    counts = {kind: results.count for kind, results in found.items()}
    problems = found["problem"]
    chosen = {
        "stage": STAGES.get(wanted.stage, ""),
        "place": place.name if place else wanted.place,
        "tag": wanted.tag,
        "need": NEED_KINDS.get(wanted.need, ""),
    }
    facets = [
        ("stage", "Stage", problems.stages),
        ("place", "Place", problems.places),
        ("tag", "Category", problems.tags),
        ("need", "What is needed", problems.needs),
    ]
    count = counts[wanted.kind or "problem"]
    return {
        "results": found,
        "counts": counts,
        "kinds": KINDS,
        "total": sum(counts.values()),
        "notices": [(one, kept_notice(request, one.card)) for one in problems],
        "by_words": vector is None and not wanted.exact,
        "facets": facets,
        "chosen": chosen,
        "most": most,
        "more": most + MOST_FOUND if count > most and most < MOST_RANKED else None,
    }


async def _found(work: Work, wanted: Search, most: int) -> dict[str, Any]:
    def room(kind: str) -> int:
        return most if (wanted.kind or "problem") == kind else MOST_BESIDE

    return {
        "problem": await search_problems(work, wanted, most=room("problem")),
        "outcome": await search_outcomes(work, wanted, most=room("outcome")),
        "need": await search_needs(work, wanted, most=room("need")),
        "person": await search_people(work, wanted, most=room("person")),
        "post": await search_posts(work, wanted, most=room("post")),
    }


ROUTES = [Route("/search", show_search, name="show_search")]
