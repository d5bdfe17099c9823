"""A board on which something of every kind has happened, made without a browser."""

from __future__ import annotations

from dataclasses import dataclass

from civicboard.kit import web
from civicboard.kit.work import Desk
from civicboard.networks.actions import stay_together, write_members_post
from civicboard.offers.actions import add_need, decline_offer, make_offer, welcome_offer
from civicboard.people.actions import keep_newcomer
from civicboard.people.queries import Proof
from civicboard.posts.actions import edit_post, write_post
from civicboard.problems.actions import edit_problem, post_problem
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import add_word, say_ability
from tests.cast import Cast, Told
from tests.matching.people import a_standing_ask
from tests.organisations.council import council

#: The browser of somebody who has proved who they are and has no name here yet.
NEWCOMER = "a-browser-token-of-a-newcomer-that-is-long-enough"

EVERYTHING = """# A heading in the story

Some **strong** words, some *soft* ones, `code`, ~~gone~~, and a [link](https://millbrook.example/far/away).

- one
- two

1. first
2. second

> Somebody had said it before, at some length, and here it is again.

    a line of code that is long enough to be wider than any telephone that anybody in the street has got

Averylongwordwithoutanyspacesinitthatsomebodytypedtoseewhatwouldbecomeofthepagewhenitmeetsaverysmallscreen
"""


@dataclass(frozen=True)
class Lively:
    """Numbers of things: a problem of Ada's with a long life, one that is sorted, a post of Bo's, a waiting offer,
    what Ada wrote to the members, what is needed, and what she asks Bo."""

    problem: int
    sorted: int
    post: int
    waiting: int
    note: int
    need: int
    ask: int


async def enliven(town: Desk, cast: Cast) -> Lively:
    """Put something of every kind on the board: offers in every state, news, quotes, edits, a stage, a profile."""
    number = cast.problem
    async with town.writing(cast.bo) as work:
        post = await write_post(work, number, kind="reply", capacity="professional", words=EVERYTHING)
    async with town.writing(cast.bo) as work:
        await edit_post(work, post, words=f"{EVERYTHING}\n\nAnd one thing more.", seen_version=1)
    async with town.writing(cast.ada) as work:
        await write_post(
            work, number, kind="update", capacity="neighbour", words="It is **dry** today.", quotes_id=post
        )
    async with town.writing(cast.bo) as work:
        welcomed = await make_offer(work, number, what="A pump", words="It is loud.", hours=2.5)
    async with town.writing(cast.cy) as work:
        declined = await make_offer(work, number, what="Sandbags")
    async with town.writing(cast.cy) as work:
        waiting = await make_offer(work, number, what="An evening with the drainage plans", hours=3)
    async with town.writing(cast.ada) as work:
        await welcome_offer(work, welcomed, words="Thank you, *gladly*.")
    async with town.writing(cast.ada) as work:
        note = await write_members_post(work, number, words=EVERYTHING)
        await stay_together(work, number, name="Averylongname" * 6, about=f"Pumps. {'Averylongword' * 20}")
    async with town.writing(cast.ada) as work:
        await decline_offer(work, declined, words="We have plenty, thank you.")
    async with town.writing(cast.ada) as work:
        await set_stage(work, number, to="trying", why="The pump runs.")
    async with town.writing(cast.ada) as work:
        await edit_problem(
            work,
            number,
            Told(
                story=EVERYTHING,
                title="Basements on Brook Lane still flood",
                whereabouts="Behind" * 26,
                help_wanted=f"https://forms.example/{'a1b2c3' * 20}",
            ),
            why="It is March",
            seen_revision=1,
        )
    async with town.writing(cast.ada) as work:
        done = await post_problem(
            work, Told(title="The notice board itself leaned", tags=("Averylongtagofthirtylettersss",))
        )
    async with town.writing(cast.ada) as work:
        await set_stage(work, done.id, to="sorted", why="Two long screws did it.")
    async with town.writing(cast.cy) as work:
        await add_word(work, tag="stirrup pumps", synonyms=["bucket pumps"], about="Getting water out by hand.")
    async with town.writing(cast.bo) as work:
        await say_ability(
            work,
            tags=("plumbing", "pumping"),
            words="Whatever has to do with **water**.",
            lends="A pump.",
            visibility="public",
        )
        await say_ability(
            work, levels={"pumps": "living"}, free=["thu-evening"], languages=["English"], rooms=["A shed"]
        )
    async with town.writing(cast.ada) as work:
        wanted = {"kind": "skill", "what": "Somebody who knows pumps", "tags": ["pumps"], "words": EVERYTHING}
        need = await add_need(work, number, **wanted)  # type: ignore[arg-type]
        ask = await a_standing_ask(work, need, cast.bo.id or 0)
    async with town.writing(cast.cy) as work:
        await say_ability(
            work, tags=("pumps",), words=f"Pumps, and {'averylongword' * 8}.", lends="", visibility="public"
        )
    async with town.writing() as work:
        await council(work, cast)
    proof = Proof(
        "town", "https://issuer.example", "newcomer", label="eve@millbrook.example", name="Eve", handle_hint="eve"
    )
    async with town.writing() as work:
        await keep_newcomer(work, proof, browser_hash=web.hashed(NEWCOMER), next_path="/")
    return Lively(number, done.id, post, waiting, note, need, ask)
