"""What a sign-in proves that may vouch for a person's belonging somewhere. Nothing else of it is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import delete, tuple_
from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Work
from civicboard.people.events import ProofChanged
from civicboard.people.models import Vouching, WantedClaim
from civicboard.people.policy import VOUCHES_FOR, Vouched
from civicboard.people.queries import Proof, find_vouching, wanted_claims


async def sift(work: Work, proof: Proof) -> Proof:
    """The proof with those claims, and of each those values, that somebody here wants to know; all else is dropped."""
    wanted = set(await wanted_claims(work, proof.issuer)) if proof.vouched.claims else set()
    claims: dict[str, list[str]] = defaultdict(list)
    for name, values in proof.vouched.claims.items():
        for value in values:
            if (name, value) in wanted:
                claims[name].append(value)
    return replace(proof, vouched=replace(proof.vouched, claims=dict(claims)))


async def keep_vouching(work: Work, person_id: int, identity_id: int, proof: Proof) -> None:
    """Keep what this sign-in proved in the place of what the one before did, and record it when that is another.

    Where the provider could not be asked for everything, what it doesn't say stays as it was.
    """
    vouched = (await sift(work, proof)).vouched
    before = await find_vouching(work, identity_id)
    if before is not None and not vouched.is_whole:
        vouched = Vouched(vouched.email_domain or before.email_domain, {**before.claims, **vouched.claims})
    domain, claims = vouched.email_domain, {name: sorted(set(values)) for name, values in vouched.claims.items()}
    if before is not None and (before.email_domain, before.claims) == (domain, claims):
        before.seen_at = work.now
        return
    if domain or claims:
        values = {"person_id": person_id, "seen_at": work.now, "email_domain": domain, "claims": claims}
        await work.session.execute(
            insert(Vouching)
            .values(identity_id=identity_id, **values)
            .on_conflict_do_update(index_elements=[Vouching.identity_id], set_=values)
        )
    elif before is not None:
        await work.session.delete(before)
    if before is not None or domain or claims:
        await work.session.flush()
        work.record(ProofChanged(person_id))


async def want_claims(work: Work, wanted: Iterable[tuple[str, str, str]]) -> None:
    """Keep these claims, each an issuer, a name and a value, from the next sign-ins on, and no others."""
    rows = [(issuer.rstrip("/"), claim, value) for issuer, claim, value in wanted]
    all_three = tuple_(WantedClaim.issuer, WantedClaim.claim, WantedClaim.value)
    await work.session.execute(delete(WantedClaim).where(all_three.not_in(rows)) if rows else delete(WantedClaim))
    for issuer, claim, value in rows:
        row = insert(WantedClaim).values(issuer=issuer, claim=claim, value=value)
        await work.session.execute(row.on_conflict_do_nothing())


async def forget_vouchings(work: Work) -> None:
    """Forget what was proved too long ago, and has not been proved again since."""
    gone = await work.session.scalars(
        delete(Vouching)
        .where(Vouching.seen_at < work.now - VOUCHES_FOR)
        .returning(Vouching.person_id)
        .execution_options(synchronize_session=False)
    )
    for person_id in sorted(set(gone)):
        work.record(ProofChanged(person_id))
