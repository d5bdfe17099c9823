"""Reads on hot paths: the driver's own connections, and what happens when one is lost."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Integer, Text, bindparam, column, func, select, text

from civicboard.kit.reads import Lost, Statement

_SUM = Statement(select(bindparam("one", type_=Integer) + bindparam("other", type_=Integer)))
_PREPARED = Statement(
    select(column("name", Text), column("generic_plans"), column("custom_plans"))
    .select_from(text("pg_prepared_statements"))
    .where(column("statement", Text) == bindparam("asked", type_=Text))
)
_PID = Statement(select(func.pg_backend_pid()))
_WAIT = Statement(select(func.pg_sleep(bindparam("seconds", type_=Integer))))


async def test_a_statement_is_planned_a_few_times_and_then_never_again(database):
    for other in range(9):
        assert await database.readers.fetch(_SUM, {"one": 1, "other": other}) == [(1 + other,)]
    ((name, generic, custom),) = await database.readers.fetch(_PREPARED, {"asked": _SUM.made()[0]})
    assert (bool(name), generic + custom, custom) == (True, 9, 5), "it is one statement, of which the plan is kept"
    assert database.reader_arguments()["max_cached_statement_lifetime"] == 0, "the driver forgets it after no time"


async def test_one_connection_is_used_as_long_as_it_is_enough(database):
    ((first,),) = await database.readers.fetch(_PID, {})
    assert await database.readers.fetch(_PID, {}) == [(first,)]
    both = await asyncio.gather(*(database.readers.fetch(_PID, {}) for _ in range(2)))
    assert len({number for ((number,),) in both}) == 2


async def test_a_connection_that_was_given_up_in_the_middle_is_not_used_again(database):
    ((first,),) = await database.readers.fetch(_PID, {})
    waiting = asyncio.create_task(database.readers.fetch(_WAIT, {"seconds": 60}))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await database.readers.fetch(_PID, {}) != [(first,)]


async def test_what_the_driver_cannot_answer_is_asked_elsewhere(database):
    with pytest.raises(Lost):
        await database.readers.fetch(Statement(select(func.there_is_no_such_thing())), {})
