"""Where somebody belongs is another: so it is beside their name, on every page that is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from civicboard.board.events import BadgeChanged
from civicboard.board.queries.badges import problems_with
from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Work
from civicboard.networks import fragments as networks
from civicboard.networks.queries import find_convenor
from civicboard.offers import fragments as offers
from civicboard.offers.queries import offers_on
from civicboard.organisations.events import AffiliationChanged
from civicboard.posts import fragments as posts
from civicboard.posts.queries import posts_on
from civicboard.problems.queries import find_problem


async def change_badges(work: Work, happened: AffiliationChanged, topics: Collection[str]) -> list[BadgeChanged]:
    """For each problem that names them and has a page open: where nobody looks, nothing need be said."""
    kinds = (topic.split(":") for topic in topics)
    numbers = {int(more[0]) for kind, *more in kinds if kind in ("problem", "network")}
    named = await problems_with(work, happened.person_id, sorted(numbers)) if numbers else []
    return [BadgeChanged(number, happened.person_id) for number in named]


@shows(BadgeChanged, on="problem:{problem_id}")
async def show_badges(work: Work, happened: BadgeChanged) -> list[Fragment]:
    """What somebody said and offered, with what stands beside their name now. Nobody needs to hear of it."""
    said, _ = await posts_on(work, happened.problem_id)
    offered = await offers_on(work, happened.problem_id)
    shown = [posts.post(row) for row in said if row.author_id == happened.person_id]
    shown += [offers.offer(row) for row in offered if row.helper_id == happened.person_id]
    return [replace(fragment, say="") for fragment in shown]


@shows(BadgeChanged, on="problem:{problem_id}", about="problem_id")
@shows(BadgeChanged, on="network:{problem_id}", about="problem_id")
async def show_convenor_badges(work: Work, happened: BadgeChanged) -> Fragment:
    """Who looks after it, with what stands beside their name now."""
    problem = await find_problem(work, happened.problem_id)
    return networks.convenor(problem, await find_convenor(work, problem.id), say="")


RENDERERS = [show_badges, show_convenor_badges]
