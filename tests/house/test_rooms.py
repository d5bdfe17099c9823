"""What may stand in which room: rules that the source is read for."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect
from starlette.routing import Route

import civicboard
import civicboard.tables
from civicboard.app import RENDERERS
from civicboard.kit.database import Base
from civicboard.kit.outbox import Event
from civicboard.watching import AUDIENCES
from tests.house.doors import SAFE, World

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "civicboard"
LONGEST = 300

#: Other ways to reach the network than the guarded fetcher, and who may use them nevertheless.
CLIENTS = {
    "httpx2",
    "httpx",
    "requests",
    "aiohttp",
    "urllib3",
    "http.client",
    "urllib.request",
    "ftplib",
    "smtplib",
}
MAY_REACH_OUT = ("kit/fetch.py", "people/gateway/", "demo/provider/")

#: Unsafe doors that begin no transaction of their own, and why that is right.
NO_DEED = {
    "create_preview": "it only shows what Markdown will look like",
}
#: Unsafe doors that are held to no rate but that of pages, and why that is right.
NOT_COUNTED = {
    "create_sign_out": "who wants to leave may leave",
    "create_provider_sign_out": "it is the provider who knocks, for many people from one address",
    "destroy_session": "who wants to leave may leave",
    "destroy_other_sessions": "who wants to leave may leave",
    "destroy_identity": "it can't be done more often than something was added, which is counted",
    "destroy_draft": "it can't be done more often than something was kept, which is counted",
}
HANDLER = re.compile(r"(show|create|edit|update|destroy)(_[a-z]+)+")


def sources() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "_migrations" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def calls(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call within a node, by the last part of what is called: ``work.session.commit()`` is ``commit``."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            name = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
            yield name, inner


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_only_the_desk_commits_a_deed() -> None:
    """kit/work.py ends transactions. A schema is no deed, and neither is who is reading what.

    A savepoint commits nothing: an import leaves out a bad row with one.
    """
    found = set()
    for path in sources():
        for name, call in calls(tree(path)):
            if name in ("commit", "rollback", "begin") and not _of_another_kind(call):
                found.add(named(path))
    assert found <= {"kit/work.py", "kit/migrations.py", "kit/presence.py"}, found


def _of_another_kind(call: ast.Call) -> bool:
    """The gateway begins sign-ins, and an app that is looked at by its words begins nothing here."""
    words = ast.unparse(call.func)
    return not re.search(r"session|connection|engine|transaction|work\b", words)


def test_sessions_are_opened_by_the_desk_alone() -> None:
    opened = {
        named(path)
        for path in sources()
        for name, call in calls(tree(path))
        if name in ("AsyncSession", "async_sessionmaker", "create_async_engine", "create_engine")
    }
    assert opened == {"kit/database.py"}


def test_desks_are_made_where_reactions_are_listed() -> None:
    """A desk made elsewhere would do a deed without what follows from it."""
    made = {named(path) for path in sources() for name, _ in calls(tree(path)) if name == "Desk"}
    assert made == {"linking.py"}


def test_nothing_else_reaches_the_network() -> None:
    for path in sources():
        if named(path).startswith(MAY_REACH_OUT):
            continue
        used = {name for name in imported(tree(path)) if name in CLIENTS or name.split(".")[0] in CLIENTS}
        assert not used, f"{named(path)} uses {used}: only the guarded fetcher may"


def test_nothing_prints() -> None:
    for path in sources():
        if named(path) == "cli.py":
            continue  # what `civicboard version` answers is its output
        printed = [
            call.lineno for name, call in calls(tree(path)) if name == "print" and ast.unparse(call.func) == "print"
        ]
        assert not printed, f"{named(path)} prints in lines {printed}: log it, or say it on the console"


def test_nothing_runs_what_it_was_given() -> None:
    for path in sources():
        for name, call in calls(tree(path)):
            bare = ast.unparse(call.func)
            assert bare not in ("eval", "exec", "compile", "__import__", "pickle.loads", "os.system"), named(path)
            assert not any(word.arg == "shell" for word in call.keywords), named(path)
            assert name != "Markup" or not call.args or not isinstance(call.args[0], ast.JoinedStr), (
                f"{named(path)}:{call.lineno} puts an f-string into Markup, which escapes nothing"
            )


def test_files_are_short() -> None:
    long = {named(path): lines for path in sources() if (lines := len(path.read_text().splitlines())) > LONGEST}
    assert not long


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    odd = [named(path) for path in sources() if path.stem in ("helpers", "utils", "util", "misc", "common", "base")]
    assert not odd


def test_handlers_are_named_by_what_they_do(world: World) -> None:
    for route in world.app.routes:
        if not isinstance(route, Route):
            continue
        name = route.endpoint.__name__
        assert HANDLER.fullmatch(name), f"{route.path}: {name}"
        assert HANDLER.fullmatch(route.name), f"{route.path}: {route.name}"
        verb = name.split("_")[0]
        for method in (route.methods or set()) - {"HEAD"}:
            allowed = {"GET": ("show", "edit", "create"), "DELETE": ("destroy",), "PUT": ("update",)}
            assert verb in allowed.get(method, ("create", "update")), f"{method} {route.path} is {name}"
            # The one GET that creates is the way back from a provider, as OAuth has it.
            assert method != "GET" or verb == "show" or name == "create_session"


def test_every_deed_is_one_transaction(world: World) -> None:
    """Each unsafe door comes to ``writing(request)`` in its own module, or says why it needs none."""
    without = set()
    for route in world.app.routes:
        if isinstance(route, Route) and not (route.methods or set()) <= set(SAFE):
            handler = route.endpoint
            module = importlib.import_module(handler.__module__)
            if not _comes_to(module, handler.__name__, "writing"):
                without.add(handler.__name__)
    assert without == NO_DEED.keys()


def test_every_form_is_counted(world: World) -> None:
    """Each door that takes what somebody typed or pressed counts it against a rate, or says why it needs none."""
    without = set()
    for route in world.app.routes:
        if isinstance(route, Route) and not (route.methods or set()) <= set(SAFE):
            handler = route.endpoint
            if not _comes_to(importlib.import_module(handler.__module__), handler.__name__, "limit"):
                without.add(handler.__name__)
    assert without == NOT_COUNTED.keys()


def _comes_to(module: object, name: str, deed: str) -> bool:
    """Whether the function, or one of the same module that it calls, calls ``deed``."""
    source = tree(Path(module.__file__ or ""))  # type: ignore[attr-defined]
    functions = {node.name: node for node in ast.walk(source) if isinstance(node, ast.AsyncFunctionDef)}
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one in seen or one not in functions:
            continue
        seen.add(one)
        for called, _ in calls(functions[one]):
            if called == deed:
                return True
            waiting.append(called)
    return False


def events() -> list[type[Event]]:
    for module in pkgutil.walk_packages(civicboard.__path__, "civicboard."):
        if module.name.endswith(".events"):
            importlib.import_module(module.name)
    return [kind for kind in Event.kinds.values() if kind.__module__.startswith("civicboard.")]


@pytest.mark.parametrize("kind", events(), ids=lambda kind: kind.__name__)
def test_an_event_is_a_frozen_fact_of_ids(kind: type[Event]) -> None:
    assert kind.__module__.endswith(".events")
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    for field in dataclasses.fields(kind):
        assert field.name.endswith("_id"), f"{kind.__name__}.{field.name}: readers read the rest again"
        assert field.type in ("int", "int | None"), field.type
    past = re.fullmatch(r"(?:[A-Z][a-z]+)+?(?P<verb>[A-Z][a-z]+)", kind.__name__)
    assert past is not None
    assert past["verb"].endswith("ed") or past["verb"] in ("Made", "Withdrawn", "Sent", "Left", "Told"), kind.__name__


def test_what_is_shown_live_is_an_event_of_ours_on_a_topic_of_ours() -> None:
    topics = {declared.topic.split(":")[0] for renderer in RENDERERS for declared in renderer.shows}
    assert topics == set(AUDIENCES)
    for renderer in RENDERERS:
        for declared in renderer.shows:
            fields = {field.name for field in dataclasses.fields(declared.event)}  # type: ignore[arg-type]
            assert set(re.findall(r"\{(\w+)\}", declared.topic)) <= fields, declared


def test_relationships_load_nothing_by_themselves() -> None:
    for mapper in Base.registry.mappers:
        for relationship in inspect(mapper.class_).relationships:
            assert relationship.lazy in ("raise", "raise_on_sql", "noload"), relationship


def test_rooms_below_the_doors_take_the_work_not_a_session() -> None:
    """Actions and queries are given a ``Work``, which knows whose eyes to look through."""
    for path in sources():
        if not re.search(r"/(actions|queries)(/|\.py$)", f"/{named(path)}"):
            continue
        for node in tree(path).body:
            if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
                assert node.args.args, f"{named(path)}: {node.name}"
                assert node.args.args[0].arg == "work", f"{named(path)}: {node.name}"


def test_every_select_is_a_query() -> None:
    """An action changes; what it has to know first, it asks of queries.py."""
    for path in sources():
        if re.search(r"/actions(/|\.py$)", f"/{named(path)}"):
            asked = [call.lineno for name, call in calls(tree(path)) if name in ("select", "exists")]
            assert not asked, f"{named(path)} asks in lines {asked}"


def test_public_functions_of_the_kit_are_documented() -> None:
    """Every module says in its first line what it is for."""
    silent = [named(path) for path in sources() if not ast.get_docstring(tree(path)) and path.read_text().strip()]
    assert not silent


def test_nothing_is_left_undone() -> None:
    for path in [*sources(), *PACKAGE.rglob("*.html"), *(PACKAGE / "static").glob("*/*.js")]:
        if "vendor" not in path.parts:
            assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", path.read_text()), path
