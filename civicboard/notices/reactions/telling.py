"""Who is told of offers, needs, asks, posts and belonging."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.matching.events import AskAnswered, AskEnded, PersonAsked
from civicboard.networks.events import MembersPosted, NetworkInvited
from civicboard.networks.queries import find_invitation
from civicboard.notices.actions import mark_done, tell, tell_of_more
from civicboard.notices.queries import (
    Parties,
    find_adder_of_met,
    find_ask_parties,
    find_members_author,
    find_mentioned,
    find_parties,
    owners_of_passed,
    people_on,
    stewards_of,
)
from civicboard.offers.events import NeedChanged, OfferDeclined, OfferEnded, OfferLapsed, OfferMade, OfferWelcomed
from civicboard.offers.queries import NeedRow, find_offer, fitting_alternative
from civicboard.organisations.events import AffiliationAnswered, AffiliationAsked
from civicboard.posts.events import ReplyPosted, UpdatePosted


@upon(OfferMade)
async def tell_of_offer(work: Work, happened: OfferMade) -> None:
    """Who posted the problem, who looks after it, and who said that this is needed."""
    found = await find_parties(work, happened.offer_id)
    people = [found.poster_id, found.convenor_id, found.need_by_id]
    await _tell(work, "offer_made", people, found, once="made", by=found.helper_id)


@upon(OfferWelcomed)
async def tell_of_welcome(work: Work, happened: OfferWelcomed) -> None:
    """Who made the offer; who said that it is needed; and those who work on the problem, that there is one more."""
    found = await find_parties(work, happened.offer_id)
    await _tell(work, "offer_welcomed", [found.helper_id], found, once="welcomed", by=work.viewer.id)
    told = {work.viewer.id, found.helper_id}
    if OfferMade(found.problem_id, found.offer_id) in work.events:
        # Who asked and got a yes reads just now what is offered; and so does who said what an import needs.
        told |= {found.poster_id or found.need_by_id, found.convenor_id}
    if found.need_adder_id not in told:
        await _tell(
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
    found = await find_parties(work, happened.offer_id)
    await _tell(work, "offer_declined", [found.helper_id], found, once="declined", by=work.viewer.id)


@upon(OfferLapsed)
async def apologise(work: Work, happened: OfferLapsed) -> None:
    """To who made the offer, with what fits instead, as the offer's own page names it."""
    found = await find_parties(work, happened.offer_id)
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
        await _tell(work, "offer_ended", [one], found, once="ended", by=work.viewer.id, of=other)


@upon(NeedChanged)
async def tell_that_it_is_met(work: Work, happened: NeedChanged) -> None:
    """Who said that it is needed, when somebody else says that it is there."""
    adder_id = await find_adder_of_met(work, happened.need_id)
    await tell(
        work,
        "need_met",
        [adder_id],
        once=f"need:{happened.need_id}:met",
        by=work.viewer.id,
        problem_id=happened.problem_id,
        need_id=happened.need_id,
    )


@upon(NeedChanged)
async def ask_what_became_of_it(work: Work, happened: NeedChanged) -> None:
    """Its owners, when its day has passed; again only when they gave it another."""
    owners, day = await owners_of_passed(work, happened.need_id)
    await tell(
        work,
        "need_passed",
        owners,
        once=f"need:{happened.need_id}:passed:{day}",
        by=None,
        problem_id=happened.problem_id,
        need_id=happened.need_id,
    )


@upon(MembersPosted)
async def tell_of_members_post(work: Work, happened: MembersPosted) -> None:
    """The other members of the network."""
    await tell_of_more(
        work,
        "members_posted",
        await people_on(work, happened.problem_id),
        once=f"members:{happened.post_id}",
        by=await find_members_author(work, happened.post_id),
        problem_id=happened.problem_id,
        members_post_id=happened.post_id,
    )


@upon(NetworkInvited)
async def tell_of_invitation(work: Work, happened: NetworkInvited) -> None:
    """Everybody in the network that is asked along."""
    post_id = await find_invitation(work, happened.problem_id, happened.network_id)
    assert post_id is not None  # it was written in this very deed
    await tell(
        work,
        "network_invited",
        await people_on(work, happened.network_id),
        once=f"invited:{post_id}",
        by=await find_members_author(work, post_id),
        problem_id=happened.network_id,
        elsewhere_id=happened.problem_id,
        members_post_id=post_id,
    )


@upon(ReplyPosted, UpdatePosted)
async def tell_the_mentioned(work: Work, happened: ReplyPosted | UpdatePosted) -> None:
    """Whoever is called by ``@handle`` in a post."""
    author_id, called = await find_mentioned(work, happened.post_id)
    await tell(
        work,
        "mentioned",
        called,
        once=f"post:{happened.post_id}:mentioned",
        by=author_id,
        problem_id=happened.problem_id,
        post_id=happened.post_id,
        person_id=author_id,
    )


@upon(PersonAsked)
async def tell_who_is_asked(work: Work, happened: PersonAsked) -> None:
    """Whether they can help, with the answers beside it."""
    await tell(
        work,
        "asked",
        [happened.person_id],
        once=f"ask:{happened.ask_id}",
        by=(await find_ask_parties(work, happened.ask_id)).by_id,
        problem_id=happened.problem_id,
        need_id=happened.need_id,
        ask_id=happened.ask_id,
    )


@upon(AskAnswered, AskEnded)
async def take_as_read(work: Work, happened: AskAnswered | AskEnded) -> None:
    """Who has answered, or needn't, has nothing to read any more."""
    await mark_done(work, happened.person_id, once=f"ask:{happened.ask_id}")


@upon(AskAnswered)
async def tell_who_asked(work: Work, happened: AskAnswered) -> None:
    """That it is a yes. A no stays with the one who says it, and with the board."""
    asked = await find_ask_parties(work, happened.ask_id)
    if asked.state == "yes" and asked.offer_id is not None:
        found = await find_parties(work, asked.offer_id)
        await _tell(work, "offer_made", [asked.by_id], found, once="made", by=found.helper_id)


@upon(AffiliationAsked)
async def tell_the_stewards(work: Work, happened: AffiliationAsked) -> None:
    await tell(
        work,
        "affiliation_asked",
        await stewards_of(work, happened.organisation_id),
        once=f"affiliation:{happened.request_id}:asked",
        by=happened.person_id,
        request_id=happened.request_id,
        person_id=happened.person_id,
    )


@upon(AffiliationAnswered)
async def tell_of_the_answer(work: Work, happened: AffiliationAnswered) -> None:
    """Who asked to be confirmed."""
    await tell(
        work,
        "affiliation_answered",
        [happened.person_id],
        once=f"affiliation:{happened.request_id}:answered",
        by=work.viewer.id,
        request_id=happened.request_id,
    )


async def _tell(
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
    apologise,
    ask_for_thanks,
    tell_that_it_is_met,
    ask_what_became_of_it,
    tell_of_members_post,
    tell_of_invitation,
    tell_the_mentioned,
    tell_who_is_asked,
    take_as_read,
    tell_who_asked,
    tell_the_stewards,
    tell_of_the_answer,
]
