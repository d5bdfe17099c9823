"""Staying together after a problem, and being asked along to the next one."""

from __future__ import annotations

from civicboard.kit.work import Conflict, Work, require
from civicboard.networks import policy
from civicboard.networks.actions.joining import SIGN_IN
from civicboard.networks.events import NetworkChanged, NetworkInvited
from civicboard.networks.models import MembersPost, Network
from civicboard.networks.queries import find_invitation, find_network, find_part
from civicboard.problems.queries import find_problem, find_problem_to_change

NO_PART = "Only those who have a part in it say that they stay together: who posted the problem, and who helps."
NOT_POSTER = "Only the person who posted a problem can ask a network to join in."
SAME_PEOPLE = "These are the people of this very problem, so they are here already."


async def stay_together(work: Work, number: int, *, name: str, about: str) -> None:
    """Say that the people round a problem stay together, under this name, and what they can do. Saying it twice counts
    once; whoever says it anew changes it for all, and is shown."""
    network = await _find_to_change(work, number)
    if (network.stays, network.name, network.about) == (True, name, about):
        return
    network.stays, network.name, network.about = True, name, about
    _note_changed(work, network)


async def part_ways(work: Work, number: int) -> None:
    """Take them off the list of those who stay together. Their thread and what they did stay as they are."""
    network = await _find_to_change(work, number)
    if network.stays:
        network.stays = False
        _note_changed(work, network)


async def _find_to_change(work: Work, number: int) -> Network:
    require(policy.may_join_in(work.viewer), SIGN_IN)
    await find_problem_to_change(work, number)
    part = await find_part(work, number)
    require(policy.may_speak_for(has_a_part=part is not None and part.has_a_part), NO_PART)
    network = await work.session.get(Network, number, with_for_update=True)
    if network is None:
        network = Network(problem_id=number)
        work.session.add(network)
    return network


def _note_changed(work: Work, network: Network) -> None:
    network.changed_by_id, network.changed_at = work.viewer.id, work.now
    work.record(NetworkChanged(network.problem_id))


async def invite_network(work: Work, number: int, network_id: int, *, words: str = "") -> bool:
    """Ask the network that grew round problem ``network_id`` to join in on problem ``number``, in its own thread.

    False when they had been asked already: once is enough. Raises Missing for a network that doesn't stay together.
    """
    require(policy.may_join_in(work.viewer), SIGN_IN)
    problem = await find_problem(work, number)
    require(policy.may_invite(work.viewer, problem.poster_id), NOT_POSTER)
    assert work.viewer.id is not None  # the policy has just said so
    if number == network_id:
        raise Conflict(SAME_PEOPLE)
    await find_problem_to_change(work, network_id)
    await find_network(work, network_id)
    if await find_invitation(work, number, network_id) is not None:
        return False
    post = MembersPost(
        problem_id=network_id, author_id=work.viewer.id, words=words, posted_at=work.now, invites_to_id=number
    )
    work.session.add(post)
    work.record(NetworkInvited(number, network_id))
    return True
