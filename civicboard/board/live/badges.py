"""Where somebody belongs is another: so it is beside their name, on every page that is open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from civicboard.board.events import BadgesChanged
from civicboard.board.queries.badges import named_on
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


async def badges_changed(
    work: Work, happened: Sequence[AffiliationChanged], topics: Collection[str]
) -> list[BadgesChanged]:
    """For each problem that names them and has a page open: where nobody looks, nothing need be said."""
    kinds = (topic.split(":") for topic in topics)
    numbers = {int(more[0]) for kind, *more in kinds if kind in ("problem", "network")}
    named = await named_on(work, {event.person_id for event in happened}, numbers) if numbers else {}
    return [BadgesChanged(number, frozenset(people)) for number, people in sorted(named.items())]


@shows(BadgesChanged, on="problem:{problem_id}")
async def show_badges(work: Work, happened: BadgesChanged) -> list[Fragment]:
    """What they said and offered, with what stands beside their names now. Nobody needs to hear of it."""
    said, _ = await posts_on(work, happened.problem_id)
    offered = await offers_on(work, happened.problem_id)
    shown = [posts.post(row) for row in said if row.author_id in happened.person_ids]
    shown += [offers.offer(row) for row in offered if row.helper_id in happened.person_ids]
    return [replace(fragment, say="") for fragment in shown]


@shows(BadgesChanged, on="problem:{problem_id}", about="problem_id")
@shows(BadgesChanged, on="network:{problem_id}", about="problem_id")
async def show_convenor_badges(work: Work, happened: BadgesChanged) -> Fragment:
    """Who looks after it, with what stands beside their name now."""
    problem = await find_problem(work, happened.problem_id)
    return networks.convenor(problem, await find_convenor(work, problem.id), say="")


RENDERERS = [show_badges, show_convenor_badges]
