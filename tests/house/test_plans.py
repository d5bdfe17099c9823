"""The database finds what the hot pages ask for by their indexes, and in few questions."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import event, text

from civicboard.board.queries import Filter, Search, cards_on, prepared, search_posts, search_problems
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.work import Work
from civicboard.matching.queries.related import related_to
from civicboard.posts.queries import latest_posts
from tests.house.doors import World, open_world

#: Statements a page sends for a stranger; a session is two more: whose it is, and that it is in use.
MOST_QUESTIONS = {"board": 6, "problem": 9}
OF_A_SESSION = 2

_FILL = """
INSERT INTO places (slug, name, kind, about)
    SELECT 'ward-' || n, 'Ward ' || n, 'ward', '' FROM generate_series(1, 40) n;
INSERT INTO problems (
        title, slug, story, posted_at, moved_at, poster_id, place_id, stage, tags, help_wanted, affected_count,
        need_count, need_kinds)
    SELECT 'Problem ' || n || (ARRAY[' lamp', ' drain', ' fence', ' bench'])[1 + n % 4], 'problem',
        'Something about number ' || n || ' that has been so for a while' || repeat(' and goes on', n % 9)
            || CASE WHEN n % 500 = 0 THEN ' with an ombudsman' ELSE '' END,
        now() - n * interval '7 minutes', now() - ((n * 37) % 3000) * interval '5 minutes',
        (SELECT min(id) FROM people), (SELECT min(id) FROM places) + n % 40,
        (ARRAY['open', 'exploring', 'trying', 'sorted', 'stuck', 'passed_on'])[1 + n % 6],
        ARRAY['tag' || n % 150], CASE WHEN n % 60 = 1 THEN 'somebody with a ladder' ELSE '' END, (n * 13) % 700,
        (n % 70 = 2)::int, CASE WHEN n % 70 = 2 THEN ARRAY['room'] ELSE '{}' END
    FROM generate_series(1, 4000) n;
INSERT INTO posts (problem_id, author_id, kind, capacity, words, posted_at)
    SELECT (SELECT min(id) FROM problems) + n % 2000, (SELECT min(id) FROM people), 'reply', 'neighbour',
        'Post number ' || n || CASE WHEN n % 500 = 0 THEN ' by the ombudsman' ELSE '' END,
        now() - n * interval '1 minute'
    FROM generate_series(1, 6000) n;
INSERT INTO members (problem_id, person_id, part, joined_at)
    SELECT id, (SELECT max(id) FROM people), 'talker', now() FROM problems WHERE id % 3 = 0 ON CONFLICT DO NOTHING;
UPDATE problems SET member_count = 1 WHERE id % 3 = 0;
INSERT INTO meanings (kind, subject_id, model, made_of, made_at, vector)
    SELECT 'problem', id, 'few', '', now(),
        (SELECT array_agg(sin(id * (1 + d % 7) + d * 0.37))::halfvec(384) FROM generate_series(1, 384) d)
    FROM problems WHERE id % 5 <> 0;
INSERT INTO events (kind, data)
    SELECT 'ReplyPosted', '{"problem_id": 1, "post_id": 1}' FROM generate_series(1, 3000)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """A board with thousands of problems."""
    folder: Path = tmp_path_factory.mktemp("town")
    async with open_world(postgres, template, f"town_{uuid.uuid4().hex[:12]}", folder) as world:
        async with world.desk.writing() as work:
            for statement in _FILL.split(";\n"):
                await work.session.execute(text(statement))
        async with world.desk.database.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
        yield world


async def plans(world: World, ask: Any, *, few: bool = False) -> list[tuple[str, str]]:
    """Statement and plan of each SELECT that ``ask(work)`` sends, as the planner would run it.

    ``few``: where a table of some thousand rows is still read from end to end, what it would do with more.
    """
    seen: list[tuple[str, Any]] = []
    own = asyncio.current_task()
    engine = world.desk.database.engine.sync_engine

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        # The town's own clock asks too, whenever it likes.
        if asyncio.current_task() is own and statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        async with world.desk.reading(world.cast.bo) as work:
            await ask(work)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    found = []
    async with world.desk.database.engine.connect() as connection:
        await connection.execute(text(f"SET LOCAL enable_seqscan = {'off' if few else 'on'}"))
        for statement, parameters in seen:
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            found.append((statement, "\n".join(line for (line,) in rows)))
    return found


CASES = {
    "first page": (Filter(), "ix_problems_moved"),
    "needs help": (Filter(needs=True), "ix_problems_wanting_moved"),
    "needs a room": (Filter(need="room"), "ix_problems_wanting_moved|ix_problems_need_kinds"),
    "a place": (Filter(place="ward-7"), "ix_problems_place_moved"),
    "a stage": (Filter(stage="stuck"), "ix_problems_stage_moved|ix_problems_moved"),
    "a tag": (Filter(tag="tag-7"), "ix_problems_tags"),
    "newest": (Filter(sort="posted"), "ix_problems_posted"),
    "most affected": (Filter(sort="affected"), "ix_problems_affected"),
}


@pytest.mark.parametrize(("wanted", "index"), CASES.values(), ids=CASES.keys())
async def test_a_page_of_the_board_uses_its_index(town: World, wanted: Filter, index: str) -> None:
    await _looks_up(town, lambda work: cards_on(work, wanted), index)


@pytest.mark.parametrize("sort", ["moved", "posted", "affected"])
async def test_the_next_page_starts_where_the_last_one_ended(town: World, sort: str) -> None:
    """The keyset is a condition of the index, not a filter over all that comes before."""
    async with town.desk.reading() as work:
        found = await cards_on(work, Filter(sort=sort))
        for _ in range(3):
            found = await cards_on(work, Filter(sort=sort, after=found.next))
    after = found.next
    shown = await _looks_up(town, lambda work: cards_on(work, Filter(sort=sort, after=after)), f"ix_problems_{sort}")
    assert re.search(r"Index Cond: .*ROW\(.*<", shown), shown


async def _looks_up(world: World, ask: Any, index: str, table: str = "problems", *, few: bool = False) -> str:
    """The plan of the statement about ``table``; it uses the index, and reads no table from end to end or sorts it."""
    for statement, plan in await plans(world, ask, few=few):
        if re.search(rf"\b{table}\b", statement) and "LIMIT" in statement:
            assert re.search(index, plan), plan
            assert f"Seq Scan on {table}" not in plan, plan
            return plan
    raise AssertionError("nothing was asked")


async def test_what_was_said_last_uses_its_index(town: World) -> None:
    await _looks_up(town, latest_posts, "ix_posts_posted_at", "posts")


async def test_search_uses_its_indexes(town: World) -> None:
    await _looks_up(town, lambda work: search_problems(work, "ombudsman"), "ix_problems_words", few=True)
    await _looks_up(town, lambda work: search_posts(work, "ombudsman"), "ix_posts_words", "posts", few=True)
    asked = await plans(town, lambda work: search_problems(work, "ombusdman"), few=True)
    alike = next(plan for statement, plan in asked if "<%" in statement)
    assert "ix_problems_similar" in alike, alike


async def test_a_search_is_bounded_whatever_the_words_are(town: World) -> None:
    """Of words that PostgreSQL never counted it guesses that many have them, and would read the whole table."""
    for words in ("zeppelin", "zeppelin quagga", "lamp", "lamp quagga"):
        asked = await plans(town, lambda work, words=words: search_problems(work, words), few=True)
        plan = next(plan for statement, plan in asked if "ts_rank" in statement)
        assert "Index Scan using ix_problems_moved" in plan, "the newest are looked through first"
        assert "Bitmap Index Scan on ix_problems_words" in plan, plan
        buckets = re.findall(r"Index Cond: .*id / 250", plan)
        several = " " in words
        assert len(buckets) == (2 if several else 1), "then the last buckets, by the index"
        # What has only some of the words, and whatever has them, is read where the question before says so.
        assert plan.count("One-Time Filter") == (3 if several else 1), plan


async def test_whether_a_word_is_known_is_looked_up(town: World) -> None:
    """Asked of words that nobody wrote, for which PostgreSQL would read everything to find just one."""
    search = Search(words="zzzqqq", vector=[0.1] * 384, model="few", least=0.2, sure=0.3)
    asked = await plans(town, lambda work: prepared(work, search), few=True)
    plan = next(plan for statement, plan in asked if "websearch" in statement)
    for index in ("ix_problems_moved", "ix_problems_words", "ix_posts_words", "ix_needs_words"):
        assert index in plan, plan
    assert not re.search(r"Seq Scan on (problems|posts|needs)\b", plan), plan


async def test_what_is_near_in_meaning_is_looked_up_by_its_index(town: World) -> None:
    """HNSW gives the nearest: PostgreSQL compares no whole table."""
    search = Search(words="a dark street", vector=[0.1] * 384, model="few")
    asked = await plans(town, lambda work: search_problems(work, search), few=True)
    plan = next(plan for statement, plan in asked if "<=>" in statement)
    assert "Index Scan using ix_meanings_problem" in plan, plan
    assert "Seq Scan on meanings" not in plan, plan

    async def related(work: Work) -> None:
        await related_to(work, town.cast.problem, model="few", least=0)

    plan = next(plan for statement, plan in await plans(town, related, few=True) if "<=>" in statement)
    assert "Index Scan using ix_meanings_problem" in plan, plan


async def test_a_search_by_meaning_looks_at_a_hundred(town: World) -> None:
    """By default the index gives forty, however many are asked for."""
    async with town.desk.reading() as work:
        assert await work.session.scalar(text("SHOW hnsw.ef_search")) == "100"
        assert await work.session.scalar(text("SHOW hnsw.iterative_scan")) == "strict_order"
        found = await search_problems(work, Search(words="zeppelin", vector=[0.1] * 384, model="few", least=-1.0))
    assert found.count > 40


async def test_what_a_session_or_a_reader_missed_is_looked_up(town: World) -> None:
    """Each page asks for its session, each sweep for the newest events: neither may read a table from end to end."""
    from civicboard.kit.outbox import present, since
    from civicboard.people.queries import find_viewer

    async def ask(work: Work) -> None:
        await find_viewer(work, "x")
        await since(work.session, await present(work.session))

    async with town.desk.database.engine.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))
        for statement, wanted in [
            ("SELECT 1 FROM sessions WHERE token_hash = 'x'", "uq_sessions_token_hash"),
            ("SELECT 1 FROM events WHERE xid >= '99999999'::xid8", "ix_events_xid"),
            ("SELECT 1 FROM posts WHERE problem_id = 1 ORDER BY id DESC LIMIT 50", "ix_posts_problem_id"),
            ("SELECT 1 FROM offers WHERE problem_id = 1 ORDER BY id", "ix_offers_problem_id"),
            ("SELECT 1 FROM drafts WHERE browser_hash = 'x' AND name = 'y'", "pk_drafts"),
        ]:
            plan = "\n".join(line for (line,) in await connection.exec_driver_sql(f"EXPLAIN {statement}"))
            assert wanted in plan, plan
        await connection.rollback()
    for statement, plan in await plans(town, ask):
        if " events" in statement:
            assert "Seq Scan on events" not in plan, plan


@contextmanager
def counting(world: World) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []
    engine = world.desk.database.engine.sync_engine

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        # What the hub and the rates ask by the clock is no page's.
        task = asyncio.current_task()
        if task is None or not task.get_name().startswith(("hub-", "rates")):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("role", ["stranger", "bo"])
async def test_a_page_asks_few_questions_however_much_it_shows(town: World, role: str) -> None:
    async with await town.client(role) as client:
        pages = {"board": "/", "problem": f"/problems/{town.cast.problem}/basements-on-brook-lane-flood"}
        for name, address in pages.items():
            with counting(town) as sent:
                answer = await client.get(address)
            assert answer.status_code == 200
            asked = [statement for statement in sent if "events" not in statement and "presence" not in statement]
            most = MOST_QUESTIONS[name] + (0 if role == "stranger" else OF_A_SESSION)
            assert len(asked) <= most, "\n\n".join(asked)
            twice = {statement for statement in asked if asked.count(statement) > 1}
            assert not twice, f"{name} asks the same again"


async def test_a_longer_page_asks_no_more_questions(town: World) -> None:
    """What grows with the rows on a page is not the number of questions."""
    async with await town.client("bo") as client:
        lengths = []
        for address in (f"/?after=0-{town.cast.problem}", "/"):
            with counting(town) as sent:
                assert (await client.get(address)).status_code == 200
            lengths.append(len([one for one in sent if "events" not in one]))
        # The empty page has no faces to ask for.
        assert lengths[1] - lengths[0] <= 1


async def test_a_filter_that_is_in_the_address_costs_one_question_at_most(
    town: World, client_of_town: httpx2.AsyncClient
) -> None:
    for query in ("needs=1", "need=room", "stage=stuck", "tag=tag-7", "place=ward-7", "sort=affected"):
        with counting(town) as sent:
            assert (await client_of_town.get(f"/?{query}")).status_code == 200
        assert (
            len([one for one in sent if "events" not in one and "presence" not in one]) <= MOST_QUESTIONS["board"] + 1
        )


@pytest_asyncio.fixture(loop_scope="session")
async def client_of_town(town: World) -> AsyncIterator[httpx2.AsyncClient]:
    async with await town.client("stranger") as client:
        yield client


async def test_the_condition_of_the_partial_index_is_written_out(town: World) -> None:
    """As a parameter, a plan that is made once for all values could not see that it is the index's own."""
    asked = [statement for statement, _ in await plans(town, lambda work: cards_on(work, Filter(needs=True)))]
    narrowed = next(one for one in asked if "LIMIT" in one and "problems" in one)
    assert "help_wanted != ''" in narrowed
    assert "need_count > 0" in narrowed
    assert "stage != 'sorted'" in narrowed


_FILL_FOR_YOU = """
INSERT INTO needs (problem_id, by_id, kind, what, added_at, tags, words)
    SELECT (SELECT min(id) FROM problems) + n % 4000, NULL, 'skill', 'somebody who knows thing ' || n, now(),
        ARRAY['tag' || n % 150], CASE WHEN n % 400 = 0 THEN 'an ombudsman' ELSE '' END
    FROM generate_series(1, 4000) n;
INSERT INTO meanings (kind, subject_id, model, made_of, made_at, vector)
    SELECT kind, id, 'm', '', now(), (SELECT array_agg(sin(id * i + i)) FROM generate_series(1, 384) i)::real[]::halfvec
    FROM (SELECT 'need' AS kind, id FROM needs WHERE id % 5 = 0 UNION ALL
          SELECT 'problem', id FROM problems WHERE id % 5 = 0 UNION ALL SELECT 'person', id FROM people) AS thing;
INSERT INTO abilities (person_id, visibility, tags, words) SELECT id, 'public', '{tag7}', 'ombudsman' FROM people;
INSERT INTO follows (problem_id, person_id, since)
    SELECT (SELECT min(id) FROM problems WHERE id % 5 = 0), id, now() FROM people WHERE handle = 'bo'
"""


async def test_what_is_for_one_person_is_looked_up(town: World) -> None:
    """The candidates of each way come from an index of their own; nothing is read from end to end."""
    from civicboard.board.queries import for_you
    from civicboard.matching.policy.scoring import Weights
    from civicboard.matching.queries.able import find_able

    async with town.desk.writing() as work:
        for statement in _FILL_FOR_YOU.split(";\n"):
            await work.session.execute(text(statement))
    async with town.desk.database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))  # an index of words is dear until it is tidied

    bo = town.cast.bo.id
    assert bo is not None

    async def ask(work: Work) -> None:
        able = await find_able(work, bo)
        assert await for_you.suggestions_for(work, able, Weights())
        await for_you.questions_for(work, able, leave_out=set(), weights=Weights())
        await for_you.alike_elsewhere(work, bo)
        await for_you.people_suited(work, town.cast.problem)

    asked = await plans(town, ask, few=True)
    assert len(asked) <= 25, "\n\n".join(statement for statement, _ in asked)
    all_plans = "\n\n".join(plan for _, plan in asked)
    for table in ("needs", "problems", "posts", "meanings", "abilities", "waved_away", "blocks"):
        assert f"Seq Scan on {table}" not in all_plans, all_plans
    for index in ("ix_needs_words", "ix_posts_posted_at", "ix_problems_posted"):
        assert index in all_plans, f"{index}\n{all_plans}"
    # Among so few it would rather sort; where sorting is dear, what is nearest comes from the kind's own index.
    from sqlalchemy.dialects import postgresql

    async with town.desk.writing() as work:
        able = await find_able(work, bo)
        await work.session.execute(text("SET LOCAL enable_sort = off"))
        for kind in ("need", "problem"):
            nearest = for_you.nearest(kind).params(person=bo, model=able.model)
            statement = nearest.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
            plan = "\n".join(await work.session.scalars(text(f"EXPLAIN {statement}")))
            assert f"ix_meanings_{kind}" in plan, plan
