"""The accounts elsewhere that a person signs in with."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Conflict, Missing, Work, require
from civicboard.people import policy, queries
from civicboard.people.actions.sessions import end_where
from civicboard.people.actions.vouching import keep_vouching
from civicboard.people.events import ProofChanged
from civicboard.people.models import Identity, Session
from civicboard.people.queries import Proof


async def add_identity(work: Work, proof: Proof, *, begun_by: int) -> None:
    """Let the viewer sign in with this as well; nothing happens when they can already.

    Raises Refused when somebody else is signed in by now, Conflict when the identity is another person's.
    """
    require(
        policy.may_add_identity(work.viewer, begun_by),
        "You were signed out before this was finished, so nothing was added to your account.",
    )
    identity_id = await put_identity(work, begun_by, proof)
    if identity_id is None:
        owner = await queries.find_identity(work, proof.issuer, proof.subject)
        if owner is None or owner.person_id != begun_by:
            raise Conflict(
                "Somebody signs in to another account on this board with that already, so it can't be added"
                " to yours. If both accounts are yours, remove it from the other one first."
            )
        identity_id = owner.id
    await keep_vouching(work, begun_by, identity_id, proof)


async def remove_identity(work: Work, identity_id: int) -> None:
    """Take away one way to sign in, and sign out the other browsers that came by it.

    The browser of this request stays signed in. Raises Missing when the identity isn't the viewer's, Refused
    when it is the last one.
    """
    identities = await queries.own_identities(work, lock=True)
    if identity_id not in [identity.id for identity in identities]:
        raise Missing
    require(
        policy.may_remove_identity(work.viewer, len(identities)),
        "This is the only way you can sign in. Add another one first, then you can remove it.",
    )
    left = next(identity.id for identity in identities if identity.id != identity_id)
    # The provider's session no longer stands for ours, so its name and its token go.
    await work.session.execute(
        update(Session)
        .where(Session.id == work.viewer.session_id, Session.identity_id == identity_id)
        .values(identity_id=left, provider_sid="", id_token="")
    )
    await end_where(work, Session.identity_id == identity_id)
    await work.session.execute(delete(Identity).where(Identity.id == identity_id))
    assert work.viewer.id is not None  # the policy has just said so
    work.record(ProofChanged(work.viewer.id))


async def put_identity(work: Work, person_id: int, proof: Proof) -> int | None:
    """The new identity's id, or None when it is somebody's already."""
    added: int | None = await work.session.scalar(
        insert(Identity)
        .values(
            person_id=person_id,
            provider=proof.provider,
            issuer=proof.issuer,
            subject=proof.subject,
            label=proof.label,
            added_at=work.now,
        )
        .on_conflict_do_nothing(index_elements=[Identity.issuer, Identity.subject])
        .returning(Identity.id)
    )
    return added
