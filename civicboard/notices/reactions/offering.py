"""Who is told of offers: that one is made, what became of it, and that it has ended."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.notices.actions import mark_done, tell
from civicboard.notices.queries import Parties, convenors_so_far, find_parties, people_on
from civicboard.offers.events import (
    OfferDeclined,
    OfferEnded,
    OfferLapsed,
    OfferMade,
    OfferWelcomed,
    OfferWithdrawn,
)
from civicboard.offers.queries import NeedRow, find_offer, fitting_alternative


@upon(OfferMade)
async def tell_of_offer(work: Work, happened: OfferMade) -> None:
    """Who posted the problem, who looks after it, and who said that this is needed."""
    found = await find_parties(work, happened.offer_id)
    people = [found.poster_id, found.convenor_id, found.need_by_id]
    await tell_of(work, "offer_made", people, found, once="made", by=found.helper_id)


@upon(OfferWelcomed)
async def tell_of_welcome(work: Work, happened: OfferWelcomed) -> None:
    """Who made the offer; who said that it is needed; and those who work on the problem, that there is one more."""
    found = await find_parties(work, happened.offer_id)
    await _needs_no_answer(work, found)
    await tell_of(work, "offer_welcomed", [found.helper_id], found, once="welcomed", by=work.viewer.id)
    told = {work.viewer.id, found.helper_id}
    if OfferMade(found.problem_id, found.offer_id) in work.events:
        # Who asked and got a yes reads just now what is offered; and so does who said what an import needs.
        told |= {found.poster_id or found.need_by_id, found.convenor_id}
    if found.need_adder_id not in told:
        await tell_of(
            work,
            "need_met",
            [found.need_adder_id],
            found,
            once="meets",
            by=work.viewer.id,
            of=found.helper_id,
        )
        told.add(found.need_adder_id)
    await tell(
        work,
        "joined",
        [one for one in (*await people_on(work, found.problem_id), found.convenor_id) if one not in told],
        once=f"joined:{found.problem_id}:{found.helper_id}",
        by=found.helper_id,
        problem_id=found.problem_id,
        person_id=found.helper_id,
    )


@upon(OfferDeclined)
async def tell_of_refusal(work: Work, happened: OfferDeclined) -> None:
    """Who made the offer; and whose problem it is, when it was declined in their place."""
    found = await find_parties(work, happened.offer_id)
    await _needs_no_answer(work, found)
    if work.viewer.id is not None:
        await tell(
            work,
            "offer_declined_for_me",
            [found.poster_id],
            once=f"offer:{found.offer_id}:declined",
            by=work.viewer.id,
            of=found.helper_id,
            problem_id=found.problem_id,
            offer_id=found.offer_id,
            person_id=work.viewer.id,
        )
    await tell_of(work, "offer_declined", [found.helper_id], found, once="declined", by=work.viewer.id)


@upon(OfferWithdrawn)
async def tell_of_withdrawal(work: Work, happened: OfferWithdrawn) -> None:
    """Nobody: but who was told of the offer has nothing to answer any more."""
    await _needs_no_answer(work, await find_parties(work, happened.offer_id))


@upon(OfferLapsed)
async def apologise(work: Work, happened: OfferLapsed) -> None:
    """To who made the offer, with what fits instead, as the offer's own page names it."""
    found = await find_parties(work, happened.offer_id)
    await _needs_no_answer(work, found)
    instead = await fitting_alternative(work, await find_offer(work, happened.offer_id))
    about = {}
    if isinstance(instead, NeedRow):
        about = {"need_id": instead.id, "elsewhere_id": instead.problem_id}
    elif instead is not None:
        about = {"elsewhere_id": instead.id}
    await tell(
        work,
        "offer_lapsed",
        [found.helper_id],
        once=f"offer:{found.offer_id}:lapsed",
        by=None,
        problem_id=found.problem_id,
        offer_id=found.offer_id,
        **about,
    )


@upon(OfferEnded)
async def ask_for_thanks(work: Work, happened: OfferEnded) -> None:
    """The two of it, and the poster, where the clock ended it; else those who didn't say so."""
    found = await find_parties(work, happened.offer_id)
    helper_id, welcomed_by_id = found.helper_id, found.welcomed_by_id
    for one, other in ((helper_id, welcomed_by_id), (welcomed_by_id, helper_id), (found.poster_id, helper_id)):
        await tell_of(work, "offer_ended", [one], found, once="ended", by=work.viewer.id, of=other)


async def _needs_no_answer(work: Work, found: Parties) -> None:
    """Nobody who was told of an offer has anything to answer any more. Made and welcomed in one deed, it is news."""
    if OfferMade(found.problem_id, found.offer_id) not in work.events:
        people = {found.poster_id, found.need_by_id, *await convenors_so_far(work, found.problem_id)}
        for one in sorted(one for one in people if one is not None):
            await mark_done(work, one, once=f"offer:{found.offer_id}:made")


async def tell_of(
    work: Work,
    kind: str,
    people: list[int | None],
    found: Parties,
    *,
    once: str,
    by: int | None,
    of: int | None = None,
) -> None:
    """Tell somebody something about an offer, and with it about the need that it answers."""
    about = {} if found.need_id is None else {"need_id": found.need_id}
    await tell(
        work,
        kind,
        people,
        once=f"offer:{found.offer_id}:{once}",
        by=by,
        of=of,
        problem_id=found.problem_id,
        offer_id=found.offer_id,
        **about,
    )


REACTIONS: list[Reaction] = [
    tell_of_offer,
    tell_of_welcome,
    tell_of_refusal,
    tell_of_withdrawal,
    apologise,
    ask_for_thanks,
]
