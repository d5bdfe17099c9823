"""What people say they can do, read for a match."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, func, select

from civicboard.kit.reads import Statement
from civicboard.kit.work import Work
from civicboard.matching.models import Meaning
from civicboard.matching.policy import wording
from civicboard.matching.policy.facts import Able
from civicboard.matching.queries.homes import Home
from civicboard.people.models import Person
from civicboard.skills.models import Ability
from civicboard.skills.queries import find_vocabulary


def columns(home: Home) -> list[Any]:
    """What a SELECT of people and their abilities reads for ``able_of``."""
    return [
        Person.id,
        Ability.tags,
        # The driver gives JSON as text.
        cast(Ability.levels, Text).label("levels"),
        Ability.words,
        Ability.lends,
        Ability.things,
        Ability.rooms,
        Ability.languages,
        Ability.reach_ids,
        Ability.online_only,
        Ability.free,
        Ability.hours_a_week,
        *home.columns(),
    ]


def able_of(row: Any, home: Home, *, model: str = "") -> Able:
    """What somebody can do, of a row with those columns. Who has said nothing has only a home."""
    if row["tags"] is None:
        return Able(row["id"], home=home.spot(row), lives=row["lives"] or "")
    return Able(
        row["id"],
        tags=row["tags"],
        levels=json.loads(row["levels"]),
        words=row["words"],
        lends=row["lends"],
        things=row["things"],
        rooms=row["rooms"],
        languages=row["languages"],
        reach=row["reach_ids"],
        online_only=row["online_only"],
        free=row["free"],
        hours_a_week=row["hours_a_week"],
        home=home.spot(row),
        lives=row["lives"] or "",
        model=model,
    )


_HOME = Home(Person.place_id)
_ABLE = Statement(
    _HOME.outerjoins(
        select(*columns(_HOME), func.coalesce(Meaning.model, "").label("model"))
        .select_from(Person)
        .outerjoin(Ability, Ability.person_id == Person.id)
        .outerjoin(Meaning, (Meaning.kind == "person") & (Meaning.subject_id == Person.id))
    ).where(Person.id == bindparam("person", type_=BigInteger))
)


async def find_able(work: Work, person_id: int) -> Able:
    """What a person can do, as far as it decides what is for them. Empty for who has said nothing."""
    found = await work.mappings(_ABLE, person=person_id)
    if not found:
        return Able(person_id)
    able = able_of(found[0], _HOME, model=found[0]["model"])
    return replace(able, synonyms=sorted(wording.meant(able.tags, "", await find_vocabulary(work))))
