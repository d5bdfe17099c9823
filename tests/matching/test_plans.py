"""Who could help is looked up by indexes, in few questions, however many people there are."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.work import Work
from civicboard.matching.policy.scoring import Weights
from civicboard.matching.queries.helping import who_could_help
from civicboard.matching.queries.needed import needs_to_match
from civicboard.matching.queries.rings import needs_to_ask_for, needs_to_move
from civicboard.matching.queries.turns import asked_lately, asks_due, asks_overdue
from civicboard.matching.queries.ways import all_of, values_of, ways_to_find
from tests.house.doors import World, open_world
from tests.house.test_plans import plans
from tests.matching.people import a_need

_FILL = """
INSERT INTO people (handle, name, joined_at, place_id)
    SELECT 'p' || n, 'Person ' || n, now(), (SELECT min(id) FROM places) FROM generate_series(1, 10000) n;
INSERT INTO abilities (person_id, visibility, tags, words)
    SELECT id, 'public', ARRAY['tag-' || id % 150] || CASE WHEN id % 40 = 0 THEN ARRAY['drainage'] ELSE '{}' END,
        'I have done thing ' || id FROM people WHERE handle LIKE 'p%';
INSERT INTO meanings (kind, subject_id, model, made_of, made_at, vector)
    SELECT kind, id, 'm', '', now(), (SELECT array_agg(sin(id * i + i)) FROM generate_series(1, 384) i)::real[]::halfvec
    FROM (SELECT 'need' AS kind, id FROM needs UNION ALL SELECT 'problem', id FROM problems UNION ALL
          SELECT 'person', id FROM people WHERE id % 12 = 0) AS thing;
INSERT INTO asks (need_id, person_id, ring, made_at, due_at, state, asked_at)
    SELECT (SELECT min(id) FROM needs), id, 1, now(), now(), 'not_now', now() - id * interval '1 hour' FROM people
    WHERE id % 2 = 0;
INSERT INTO needs (problem_id, kind, what, added_at, ring_since, state)
    SELECT (SELECT min(id) FROM problems), 'skill', 'Something ' || n, now(), now() - n * interval '1 hour', 'met'
    FROM generate_series(1, 3000) n;
INSERT INTO blocks (person_id, blocked_id, since) SELECT id, id + 1, now() FROM people WHERE id % 3 = 0 AND handle LIKE
    'p%' AND EXISTS (SELECT FROM people other WHERE other.id = people.id + 1)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("helpers")
    async with open_world(postgres, template, f"helpers_{uuid.uuid4().hex[:12]}", folder) as world:
        for what in ("Somebody who knows drains", "Somebody to dig"):
            await a_need(world.desk, world.cast, what)
        async with world.desk.writing() as work:
            for statement in _FILL.split(";\n"):
                await work.session.execute(text(statement))
        async with world.desk.database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
        yield world


async def test_those_who_fit_are_looked_up(town: World) -> None:
    async def an_ask(work: Work) -> None:
        helping = await who_could_help(work, town.cast.problem, Weights())
        assert len(helping.people) == 10

    asked = await plans(town, an_ask, few=True)
    assert len(asked) <= 8, "\n\n".join(statement for statement, _ in asked)
    shown = "\n\n".join(plan for _, plan in asked)
    for table in ("needs", "problems", "people", "abilities", "meanings", "blocks", "members", "asks"):
        assert f"Seq Scan on {table}" not in shown, shown
    assert "ix_abilities_tags" in shown


async def test_those_nearest_in_meaning_come_from_the_index_of_people(town: World) -> None:
    async with town.desk.writing() as work:
        ways = ways_to_find(await needs_to_match(work, town.cast.problem))
        await work.session.execute(text("SET LOCAL enable_sort = off"))
        nearest = [way for way in ways if "model" in way.values]
        assert len(nearest) == 3  # by each need, and by the problem
        for way in nearest:
            asked = (
                all_of((way.by,))
                .query.params(values_of([way]))
                .compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
            )
            plan = "\n".join(await work.session.scalars(text(f"EXPLAIN {asked}")))
            assert "ix_meanings_person" in plan, plan


async def test_who_lends_it_or_speaks_it_comes_from_the_index_of_what_people_say(town: World) -> None:
    """However many people there are: nobody's words are read from end to end."""

    async def an_ask(work: Work) -> None:
        need, *_ = await needs_to_match(work, town.cast.problem)
        lent = replace(need, kind="thing", what="A ladder up to the gutter", words="", means={}, model="")
        spoken = replace(need, what="Somebody who speaks Polish", words="", means={})
        for wanted in (lent, spoken):
            for way in ways_to_find([wanted]):
                await work.fetch(all_of((way.by,)), **values_of([way]))

    found = [plan for statement, plan in await plans(town, an_ask, few=True) if "tsquery" in statement]
    assert len(found) == 2
    for plan in found:
        assert "ix_abilities_said" in plan, plan
        assert "Seq Scan" not in plan, plan


async def test_what_the_clock_looks_for_is_looked_up(town: World) -> None:
    async def an_ask(work: Work) -> None:
        await asks_due(work)
        await asks_overdue(work)
        await asked_lately(work, 7)
        await needs_to_move(work)
        await needs_to_ask_for(work)

    shown = "\n\n".join(plan for _, plan in await plans(town, an_ask, few=True))
    for index in ("ix_asks_due_at", "ix_asks_asked_at", "ix_asks_person_id", "ix_needs_open"):
        assert index in shown, f"{index}\n{shown}"
