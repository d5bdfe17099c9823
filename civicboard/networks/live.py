"""What the people round a problem agree, and what they write to each other, as it happens."""

from __future__ import annotations

from civicboard.kit.hub import shows
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Missing, Work
from civicboard.networks import fragments
from civicboard.networks.events import (
    ConveningEnded,
    ConveningRenewed,
    ConveningStarted,
    MembersPosted,
    MembersPostEdited,
    NetworkChanged,
    NetworkInvited,
)
from civicboard.networks.queries import find_agreed, find_convenor, find_invitation, find_members_post
from civicboard.problems.queries import find_problem


@shows(NetworkChanged, on="network:{problem_id}", about="problem_id")
async def show_together(work: Work, happened: NetworkChanged) -> Fragment:
    return fragments.together(await find_agreed(work, happened.problem_id))


@shows(MembersPosted, MembersPostEdited, on="network:{problem_id}:members")
async def show_members_post(work: Work, happened: MembersPosted | MembersPostEdited) -> Fragment:
    return fragments.members_post(await find_members_post(work, happened.post_id))


@shows(NetworkInvited, on="network:{network_id}:members")
async def show_invitation(work: Work, happened: NetworkInvited) -> Fragment:
    post_id = await find_invitation(work, happened.problem_id, happened.network_id)
    if post_id is None:
        raise Missing
    return fragments.members_post(await find_members_post(work, post_id))


@shows(ConveningStarted, ConveningRenewed, ConveningEnded, on="problem:{problem_id}", about="problem_id")
@shows(ConveningStarted, ConveningRenewed, ConveningEnded, on="network:{problem_id}", about="problem_id")
async def show_convenor(work: Work, happened: ConveningStarted | ConveningRenewed | ConveningEnded) -> Fragment:
    """Who looks after it now."""
    row = await find_convenor(work, happened.problem_id)
    if isinstance(happened, ConveningRenewed):
        said = ""
    elif row is not None:
        said = f"{row.name} looks after this problem now."
    else:
        said = "Nobody in particular looks after this problem now."
    return fragments.convenor(await find_problem(work, happened.problem_id), row, say=said)


RENDERERS = [show_convenor, show_together, show_members_post, show_invitation]
