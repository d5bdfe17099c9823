"""The route table: every door is declared, and answers each role as declared."""

from __future__ import annotations

import pytest

from tests.house.doors import DOORS, FORMS, ROLES, Door, World, doors_of


def test_every_route_of_the_board_is_declared_and_no_other(world: World) -> None:
    declared = [(door.method, door.path, door.name) for door in DOORS]
    assert len(declared) == len(set(declared))
    assert doors_of(world.app) == set(declared)
    assert {door.name for door in DOORS} >= FORMS.keys()


@pytest.mark.parametrize("door", [door for door in DOORS if door.http], ids=str)
async def test_each_role_gets_what_the_table_says(world: World, door: Door) -> None:
    got: list[str] = []
    path = ""
    for role, expected in zip(ROLES, door.answers, strict=True):
        # What was only looked at is there to look at again.
        path = path if path and door.safe else await world.path(door)
        async with await world.client(role) as client:
            before = await world.state()
            answer = await client.request(door.method, path, data=None if door.safe else world.form(door))
            after = await world.state()
        says = str(answer.status_code)
        if says == "303" and answer.headers["location"].startswith("/login?next="):
            says = "login"
        got.append(says)
        # A stranger's words are kept as a draft; whoever was refused has changed nothing at all.
        if door.method == "GET" or expected in ("400", "403", "404"):
            assert after == before, f"{role} was answered {says}, and yet something changed"
    assert tuple(got) == door.answers


async def test_what_is_not_there_is_not_there_for_anybody(world: World) -> None:
    """A number that nobody has used gives 404 (or asks a stranger to sign in), whatever the door."""
    for door in DOORS:
        if not door.http or not any(kind in door.path for kind in ("{number", "{id:int}/", "{session", "{identity")):
            continue
        if door.name.endswith("_form"):
            continue  # it only leads on, to a page that says so
        path = door.path.replace(":int}", "}").replace(":str}", "}")
        path = path.format(number=987654, id=987654, session=987654, identity=987654, slug="x")
        for role in ("stranger", "ada"):
            async with await world.client(role) as client:
                answer = await client.request(door.method, path, data=None if door.safe else world.form(door))
            allowed = {404} if role == "ada" or door.safe else {303, 404}
            assert answer.status_code in allowed, f"{door} by {role}: {answer.status_code}"
            if answer.status_code == 303:
                assert answer.headers["location"].startswith("/login?next=")


async def test_a_post_is_found_only_under_its_own_problem(world: World) -> None:
    async with await world.client("ada") as client:
        for way in ("", "/edit", "/history"):
            assert (await client.get(f"/problems/{world.cast.problem + 1}/posts/{world.post}{way}")).status_code == 404
        form = {"words": "Elsewhere", "version": "1"}
        elsewhere = f"/problems/{world.cast.problem + 1}/posts/{world.post}/edit"
        assert (await client.post(elsewhere, data=form)).status_code == 404
