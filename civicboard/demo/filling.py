"""Filling an empty board with the demo neighbourhood, by the same actions that people use."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from civicboard.demo import FOLDER
from civicboard.kit.database import Database
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Work
from civicboard.linking import make_desk
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
from civicboard.people.models import Identity, Person
from civicboard.places.actions import put_place
from civicboard.posts.actions import write_post
from civicboard.problems import actions as problems
from civicboard.problems.models import Problem
from civicboard.progress.actions import set_stage
from civicboard.skills.actions import say_ability

PROVIDER = "demo"


@dataclass(frozen=True)
class Telling:
    """A problem's words, as the actions take them."""

    title: str
    story: str
    place: str
    whereabouts: str
    coordinates: tuple[float, float] | None
    tags: tuple[str, ...]
    help_wanted: str


@dataclass(frozen=True, order=True)
class Deed:
    """One thing somebody did, ``days_ago``; sorting gives the order in which it all happened."""

    before: float
    turn: int
    problem: str
    kind: str
    by: str
    said: dict[str, Any]


def _read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


class Neighbourhood:
    """The town, its people and everything they did, told again on an empty board."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        self.people: dict[str, Viewer] = {}
        self.numbers: dict[str, int] = {}
        self.needs: dict[str, Any] = _read("needs")
        self.problems = {problem["key"]: problem for problem in _read("problems")}

    @asynccontextmanager
    async def _at(self, days_ago: float, by: str = "") -> AsyncIterator[Work]:
        moment = self.now - timedelta(days=days_ago)
        # Nobody watches a board that is being filled, so no bell is rung.
        desk = make_desk(self.database, clock=lambda: moment, notify=False)
        async with desk.writing(self.people.get(by, Viewer())) as work:
            yield work
            work.events.clear()

    async def fill(self) -> AsyncIterator[tuple[int, int]]:
        """Do everything in the order in which it happened. Yields (done, of)."""
        await self._settle()
        deeds = sorted(self._deeds())
        for done, deed in enumerate(deeds, 1):
            async with self._at(-deed.before, deed.by) as work:
                await self._do(work, deed)
            yield done, len(deeds)

    async def _settle(self) -> None:
        """The places, and everybody in them."""
        async with self._at(400) as work:
            ids: dict[str, int] = {}
            for place in _read("places"):
                parent = ids.get(place["parent"] or "")
                ids[place["slug"]] = await put_place(
                    work, parent_id=parent, **{k: v for k, v in place.items() if k != "parent"}
                )
        for told in _read("people"):
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
                await say_ability(work, tags=told["can"], words=told["can_words"], lends=told["lends"])

    def _deeds(self) -> Iterator[Deed]:
        for turn, (key, problem) in enumerate(self.problems.items()):

            def deed(
                kind: str, by: str, days_ago: float, said: dict[str, Any], key: str = key, turn: int = turn
            ) -> Deed:
                return Deed(-days_ago, turn, key, kind, by, said)

            posted = problem["days_ago"]
            yield deed("post", problem["poster"], posted, problem)
            # Who is affected or follows says so a while after it was posted, each at their own time.
            for kind in ("affected", "followers"):
                for place, handle in enumerate(problem[kind], 2):
                    yield deed(kind, handle, posted * (1 - 0.7 * place / (len(problem[kind]) + 2)), {})
            for edit in problem["edits"]:
                yield deed("edit", problem["poster"], edit["days_ago"], edit)
            for entry in problem["timeline"]:
                yield deed(entry["kind"], entry["by"], entry["days_ago"], entry)
                if answer := entry.get("answer"):
                    by = entry["by"] if answer["state"] == "withdrawn" else problem["poster"]
                    yield deed(answer["state"], by, answer["days_ago"], {**answer, "helper": entry["by"]})

        turns = {key: turn for turn, key in enumerate(self.problems)}
        for need in self.needs["needs"]:
            yield Deed(-need["days_ago"], turns[need["problem"]], need["problem"], "need", need["by"], need)
            if settled := need["settled"]:
                yield Deed(
                    -settled["days_ago"], turns[need["problem"]], need["problem"], settled["as"], need["by"], need
                )
        for done in self.needs["done"]:
            yield Deed(-done["days_ago"], turns[done["problem"]], done["problem"], "done", done["by"], done)

    async def _do(self, work: Work, deed: Deed) -> None:
        told, said = self.problems[deed.problem], deed.said
        number = self.numbers.get(deed.problem, 0)
        match deed.kind:
            case "post":
                self.numbers[deed.problem] = (await problems.post_problem(work, _telling(told))).id
            case "edit":
                told |= {name: said[name] for name in ("title", "story") if name in said}
                row = await work.session.get_one(Problem, number)
                await problems.edit_problem(
                    work, number, _telling(told), why=said["why"], seen_revision=row.revision_count
                )
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
                need = await add_need(work, number, by=by, **told_so)
                self.numbers[f"{deed.problem}: {said['what']}"] = need
                self.numbers |= {f"{deed.problem} {helper} for": need for helper in said["helpers"]}
            case "met":
                await settle_need(work, self.numbers[f"{deed.problem}: {said['what']}"])
            case "not_needed":
                await dismiss_need(work, self.numbers[f"{deed.problem}: {said['what']}"])
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


def _telling(told: dict[str, Any]) -> Telling:
    return Telling(
        title=told["title"],
        story=told["story"],
        place=told["place"],
        whereabouts=told["where"],
        coordinates=(told["latitude"], told["longitude"]),
        tags=tuple(told["tags"]),
        help_wanted=told["help_wanted"],
    )


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
    subjects = {told["handle"]: (told["subject"], told["name"]) for told in _read("people")}
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
