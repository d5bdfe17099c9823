"""How the board itself asks round for a need: who lives near first, then any officer, then everybody."""

from __future__ import annotations

from civicboard.kit.days import has_passed
from civicboard.kit.work import Missing, Work, require
from civicboard.matching.actions.asking import put_ask
from civicboard.matching.models import Round
from civicboard.matching.policy import asking, rings
from civicboard.matching.policy.config import MatchingConfig
from civicboard.matching.policy.scoring import may_ask_uninvited, why_you
from civicboard.matching.queries.candidates import people_fitting
from civicboard.matching.queries.needed import find_needed
from civicboard.matching.queries.rings import find_round, officers_among, places_left
from civicboard.offers.queries import find_need_to_change

NOT_OWNER = "Whether the board asks round is for the person who added the need, and for who posted the problem."


async def move_ring(work: Work, need_id: int) -> None:
    """Ask in the next ring from now on, if this one has had its time. Nothing for a need that is not due any more."""
    try:
        need, problem = await find_need_to_change(work, need_id)
    except Missing:
        return
    if need.state != "open" or problem.stage == "sorted":
        return
    if rings.moves_on(need.ring, need.ring_since or need.added_at, work.now):
        need.ring, need.ring_since = need.ring + 1, work.now


async def ask_around(work: Work, need_id: int, *, config: MatchingConfig) -> int:
    """Ask the few who fit a need best and are in its ring. Says how many. Doing it again soon asks nobody.

    The board asks somebody uninvited only on a high score, and a tag or a place in common besides.
    """
    try:
        need, problem = await find_need_to_change(work, need_id)
    except Missing:
        return 0
    if need.state != "open" or problem.stage == "sorted" or has_passed(need.by, work.now):
        return 0
    its = await find_round(work, need_id)
    if its is None:
        its = Round(need_id=need_id)
        work.session.add(its)
    if not its.is_on or not rings.looks_now(its.ring, its.looked_at, need.ring, work.now):
        return 0
    left = await places_left(work, need_id, need.ring)
    its.ring, its.looked_at = need.ring, work.now
    needed = await find_needed(work, need_id)
    found = await people_fitting(work, [needed], config.weights)
    fitting = [one for one in found if may_ask_uninvited(one.fit, config.weights)]
    officers = await officers_among(work, [one.person_id for one in fitting])
    asked = 0
    for one in fitting:
        if asked < left and rings.is_in(need.ring, one.fit.near, is_officer=one.person_id in officers):
            await put_ask(work, need, one.person_id, by_id=None, why=why_you(one.fit))
            asked += 1
    return asked


async def call_round(work: Work, need_id: int, *, is_on: bool) -> None:
    """Whether the board asks round for a need, as its owner wishes. Twice counts once.

    When it begins again, the ring that it was in has its whole time.
    """
    need, problem = await find_need_to_change(work, need_id)
    require(asking.may_call_round(work.viewer, by_id=need.by_id, poster_id=problem.poster_id), NOT_OWNER)
    its = await find_round(work, need_id)
    if its is None:
        work.session.add(Round(need_id=need_id, is_on=is_on))
        return
    if is_on and not its.is_on:
        need.ring_since = work.now
    its.is_on = is_on
