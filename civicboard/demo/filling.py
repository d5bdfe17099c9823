"""Filling an empty board with the demo neighbourhood, by the same actions that people use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from civicboard.demo.told import Deed, deeds, read, report_of, says, telling
from civicboard.kit.database import Database
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Work
from civicboard.linking import make_desk
from civicboard.matching.actions.answering import accept_ask, decline_ask
from civicboard.matching.actions.asking import ask_person
from civicboard.matching.actions.delivering import deliver_ask
from civicboard.matching.models import Ask
from civicboard.matching.policy.config import MatchingConfig
from civicboard.networks.actions import agree_to_convening, look_after
from civicboard.networks.queries import waiting_on
from civicboard.notices.models import Notice
from civicboard.offers.actions import (
    add_need,
    decline_offer,
    dismiss_need,
    end_offer,
    make_offer,
    settle_need,
    welcome_offer,
    withdraw_offer,
)
from civicboard.organisations.actions import appoint, put_organisation
from civicboard.people.models import Identity, Person
from civicboard.places.actions import put_place
from civicboard.posts.actions import write_post
from civicboard.problems import actions as problems
from civicboard.problems.models import Problem
from civicboard.problems.queries import find_imported_to_change
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import say_ability, seed_words

PROVIDER = "demo"
CONFIG = MatchingConfig()
#: What the people of the demo were told longer ago than this, they have read.
READ_DAYS = 3


class Neighbourhood:
    """The town, its people and everything they did, told again on an empty board."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        self.people: dict[str, Viewer] = {}
        self.numbers: dict[str, int] = {}
        self.needs: dict[str, Any] = read("needs")
        self.problems = {problem["key"]: problem for problem in read("problems")}

    @asynccontextmanager
    async def _at(self, days_ago: float, by: str = "") -> AsyncIterator[Work]:
        moment = self.now - timedelta(days=days_ago)
        # Nobody watches a board that is being filled, so no bell is rung.
        desk = make_desk(self.database, clock=lambda: moment, notify=False)
        async with desk.writing(self.people.get(by, Viewer())) as work:
            yield work
            await desk.reactions.follow(work)
            work.events.clear()
            work.errands.clear()

    async def fill(self) -> AsyncIterator[tuple[int, int]]:
        """Do everything in the order in which it happened. Yields (done, of)."""
        await self._settle()
        everything = sorted(deeds(self.problems, self.needs))
        for done, deed in enumerate(everything, 1):
            async with self._at(-deed.before, deed.by) as work:
                await self._do(work, deed)
            yield done, len(everything)
        async with self._at(0) as work:
            # What happened long ago they have read.
            long_ago = Notice.made_at < work.now - timedelta(days=READ_DAYS)
            await work.session.execute(update(Notice).where(long_ago).values(read_at=Notice.made_at))

    async def _settle(self) -> None:
        """The places, and everybody in them."""
        async with self._at(400) as work:
            await seed_words(work)
            ids: dict[str, int] = {}
            for place in read("places"):
                parent = ids.get(place["parent"] or "")
                ids[place["slug"]] = await put_place(
                    work, parent_id=parent, **{k: v for k, v in place.items() if k != "parent"}
                )
        for told in read("people"):
            async with self._at(380) as work:
                person = Person(
                    handle=told["handle"],
                    name=told["name"],
                    about=told["about"],
                    joined_at=work.now,
                    place_id=ids[told["place"]],
                )
                work.session.add(person)
                await work.session.flush()
            self.people[person.handle] = Viewer(id=person.id, handle=person.handle, name=person.name)
            async with self._at(380, person.handle) as work:
                await say_ability(work, **says(told, ids))
        await self._organise(ids)

    async def _organise(self, places: dict[str, int]) -> None:
        """The organisations of the place, and who belongs to them."""
        ids: dict[str, int] = {}
        async with self._at(370) as work:
            for told in read("organisations"):
                made = await put_organisation(
                    work,
                    slug=told["slug"],
                    name=told["name"],
                    kind=told["kind"],
                    parent_id=ids.get(told["within"]),
                    about=told["about"],
                    email_domains=told["domains"],
                )
                ids[made.slug] = made.id
                for one in told["people"]:
                    person_id = self.people[one["handle"]].id
                    assert person_id is not None  # they have moved in just now
                    ward_id = places.get(one["ward"])
                    said = {
                        "role": one["role"],
                        "title": one["title"],
                        "ward_id": ward_id,
                        "is_steward": one["steward"],
                    }
                    await appoint(work, made, person_id, **said)

    async def _do(self, work: Work, deed: Deed) -> None:
        told, said = self.problems.get(deed.problem, {}), deed.said
        number = self.numbers.get(deed.problem, 0)
        match deed.kind:
            case "post":
                self.numbers[deed.problem] = (await problems.post_problem(work, telling(told))).id
            case "report":
                told_there = report_of(said, work.now)
                await problems.keep_report(work, told_there)
                row = await find_imported_to_change(work, told_there.source, told_there.source_id)
                assert row is not None  # it has come in just now
                self.numbers[deed.problem] = row.id
            case "look_after":
                await look_after(work, number)
            case "agree":
                for question in await waiting_on(work, number):
                    await agree_to_convening(work, number, question.id)
            case "edit":
                told |= {name: said[name] for name in ("title", "story") if name in said}
                row = await work.session.get_one(Problem, number)
                # What would help may be a need of its own by now.
                now = replace(telling(told), help_wanted=row.help_wanted)
                await problems.edit_problem(work, number, now, why=said["why"], seen_revision=row.revision_count)
            case "affected":
                await problems.say_affected(work, number)
            case "followers":
                await problems.follow(work, number)
            case "reply" | "update":
                await write_post(work, number, kind=deed.kind, capacity=said["capacity"], words=said["words"])
            case "stage":
                await set_stage(work, number, to=said["to"], why=said["words"])
            case "need":
                by = (self.now + timedelta(days=said["by_days"])).date() if said["by_days"] else None
                told_so = {name: said[name] for name in ("kind", "what", "words", "tags", "hours", "where")}
                need = await add_need(work, number, by=by, is_wish=True, **told_so)
                self.numbers[f"{deed.problem}: {said['what']}"] = need
                self.numbers |= {f"{deed.problem} {helper} for": need for helper in said["helpers"]}
            case "met":
                await settle_need(work, self.numbers[f"{deed.problem}: {said['what']}"])
            case "not_needed":
                await dismiss_need(work, self.numbers[f"{deed.problem}: {said['what']}"])
            case "ask":
                await self._ask(work, deed)
            case "yes":
                contact = self.needs["contacts"].get(deed.by, "")
                await accept_ask(work, self.numbers[_ask_key(said)], words=said["words"], contact=contact)
            case "not_now":
                await decline_ask(work, self.numbers[_ask_key(said)])
            case "done":
                await end_offer(work, self.numbers[f"{deed.problem} {said['helper']}"], hours_given=said["hours"])
            case "offer":
                until = (self.now + timedelta(days=said["until_days"])).date() if said["until_days"] else None
                self.numbers[f"{deed.problem} {deed.by}"] = await make_offer(
                    work,
                    number,
                    what=said["what"],
                    words=said["words"],
                    hours=said["hours"],
                    until=until,
                    need_id=self.numbers.get(f"{deed.problem} {deed.by} for"),
                    contact=self.needs["contacts"].get(deed.by, ""),
                )
            case "welcomed":
                await welcome_offer(
                    work,
                    self.numbers[f"{deed.problem} {said['helper']}"],
                    words=said["words"],
                    contact=self.needs["contacts"].get(deed.by, ""),
                )
            case "declined":
                await decline_offer(work, self.numbers[f"{deed.problem} {said['helper']}"], words=said["words"])
            case "withdrawn":
                await withdraw_offer(work, self.numbers[f"{deed.problem} {said['helper']}"])

    async def _ask(self, work: Work, deed: Deed) -> None:
        """Somebody is asked, and reads it as soon as it is none of their quiet hours."""
        said, need_id = deed.said, self.numbers[f"{deed.problem}: {deed.said['need']}"]
        contact = self.needs["contacts"].get(deed.by, "")
        made = await ask_person(work, need_id, said["who"], config=CONFIG, words=said["words"], contact=contact)
        self.numbers[_ask_key(said)] = made
        await deliver_ask(work, made, zone=CONFIG.zone)
        ask = await work.session.get_one(Ask, made)
        if ask.state == "waiting":
            work.now = ask.due_at
            await deliver_ask(work, made, zone=CONFIG.zone)


def _ask_key(said: dict[str, Any]) -> str:
    return f"{said['problem']} asks {said['who']}"


async def is_empty(database: Database) -> bool:
    """Whether nobody has used this board yet."""
    async with database.reads() as session:
        people, posted = (
            await session.execute(
                select(
                    select(func.count(Person.id)).scalar_subquery(),
                    select(func.count(Problem.id)).scalar_subquery(),
                )
            )
        ).one()
    return not people and not posted


async def adopt_issuer(database: Database, issuer: str) -> None:
    """Let the demo provider at this address vouch for the cast; it may have moved to another port since."""
    subjects = {told["handle"]: (told["subject"], told["name"]) for told in read("people")}
    async with make_desk(database).writing() as work:
        cast = await work.session.execute(select(Person.id, Person.handle).where(Person.handle.in_(subjects)))
        await work.session.execute(
            delete(Identity).where(
                Identity.provider == PROVIDER,
                Identity.issuer != issuer,
                Identity.subject.in_([subject for subject, _ in subjects.values()]),
            )
        )
        for person_id, handle in cast.all():
            subject, name = subjects[handle]
            await work.session.execute(
                insert(Identity)
                .values(
                    person_id=person_id,
                    provider=PROVIDER,
                    issuer=issuer,
                    subject=subject,
                    label=name,
                    added_at=work.now,
                )
                .on_conflict_do_nothing()
            )
