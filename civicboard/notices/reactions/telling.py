"""Who is told of needs, asks, posts and belonging."""

from __future__ import annotations

from civicboard.kit.upon import Reaction, upon
from civicboard.kit.work import Work
from civicboard.matching.events import AskAnswered, AskEnded, PersonAsked
from civicboard.networks.events import MembersPosted, NetworkInvited
from civicboard.networks.queries import find_invitation
from civicboard.notices.actions import mark_done, tell, tell_of_more
from civicboard.notices.queries import (
    find_adder_of_met,
    find_ask_parties,
    find_members_author,
    find_mentioned,
    find_parties,
    owners_of_passed,
    people_on,
    stewards_of,
)
from civicboard.notices.reactions.offering import tell_of
from civicboard.offers.events import NeedChanged
from civicboard.organisations.events import AffiliationAnswered, AffiliationAsked
from civicboard.posts.events import ReplyPosted, UpdatePosted


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
        await tell_of(work, "offer_made", [asked.by_id], found, once="made", by=found.helper_id)


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


REACTIONS: list[Reaction] = [
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
