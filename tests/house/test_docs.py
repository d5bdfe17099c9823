"""What the documents promise to list is all there: settings, events, addresses, commands."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from civicboard import cli, settings
from civicboard.app import RENDERERS
from civicboard.kit.hub.rendering import Renderer
from civicboard.kit.limits import RULES
from civicboard.settings import Settings
from civicboard.worker import JOBS, RUNNERS
from tests.house.doors import DOORS
from tests.house.test_rooms import events

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def variables() -> list[str]:
    """Every environment variable that the settings are read from."""
    names = []
    for name, field in Settings.model_fields.items():
        if name != "providers":
            alias = field.validation_alias
            names.append(alias if isinstance(alias, str) else f"CIVICBOARD_{name.upper()}")
    return names


def login_keys() -> list[str]:
    """The last part of each CIVICBOARD_LOGIN_<KEY>_…, as ``read_providers`` reads it."""
    return sorted(set(re.findall(r'\bread\("([A-Z_]+)"\)', inspect.getsource(settings.read_providers))))


@pytest.mark.parametrize("variable", variables())
def test_every_setting_is_explained(variable: str) -> None:
    assert re.search(rf"`{variable}\b", read("docs/running.md")), f"{variable} is not in docs/running.md"


@pytest.mark.parametrize("key", login_keys())
def test_every_key_of_a_sign_in_provider_is_explained(key: str) -> None:
    assert re.search(rf"\bCIVICBOARD_LOGIN_\S*_{key}\b|`_?{key}`", read("docs/running.md")), key


def test_no_setting_is_explained_that_there_is_not() -> None:
    known = {*variables(), "CIVICBOARD_LOGIN"}
    named = set(re.findall(r"`(CIVICBOARD_[A-Z_]+)(?=[`=])", read("docs/running.md") + read("README.md")))
    strange = {name for name in named - known if not name.startswith("CIVICBOARD_LOGIN_")}
    assert not strange


@pytest.mark.parametrize("kind", events(), ids=lambda kind: kind.__name__)
def test_every_event_is_listed(kind: type) -> None:
    assert re.search(rf"`{kind.__name__}`", read("docs/events.md"))


def rows_of(table: str) -> list[list[str]]:
    """The cells of each row under the heading ``table`` of docs/events.md."""
    lines = read("docs/events.md").partition(f"## {table}\n")[2].partition("\n## ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def room_of(renderer: Renderer) -> str:
    """``board.live``, also where that is a package."""
    return re.sub(r"^civicboard\.|(?<=\.live)\.\w+$", "", renderer.__module__)


def test_events_are_shown_as_the_table_says() -> None:
    """Which pieces of which topic each event redraws, and which renderer draws a piece."""
    drawn_by = {piece: re.findall(r"`(.+)`", by)[0] for piece, _, by in rows_of("What the words in the table mean")[2:]}
    said = set()
    for table in ("Every event", "For the members of a network", 'What all pages "for you" are told alike'):
        header, _, *rows = rows_of(table)
        topics = [re.findall(r"`(.+)`", cell)[0] for cell in header[3:]]
        said |= {
            (event.strip("`"), topic, drawn_by[piece])
            for event, _, _, *cells in rows
            for topic, cell in zip(topics, cells, strict=True)
            for piece in filter(None, cell.split(", "))
        }
    done = {
        (shows.event.__name__, shows.topic, f"{room_of(renderer)}.{renderer.__name__}")
        for renderer in RENDERERS
        for shows in vars(renderer)["shows"]
    }
    assert said == done


@pytest.mark.parametrize("path", sorted({door.path for door in DOORS}))
def test_every_address_is_listed(path: str) -> None:
    plain = re.sub(r":(int|str|path)\}", "}", path)
    assert f"`{plain}" in read("docs/addresses.md") or f" {plain}`" in read("docs/addresses.md"), plain


def commands() -> list[str]:
    found = [
        info.name or info.callback.__name__ for info in cli.app.registered_commands if info.callback and not info.hidden
    ]
    for group in cli.app.registered_groups:
        assert group.typer_instance is not None
        found += [
            f"{group.name} {info.name or info.callback.__name__}"
            for info in group.typer_instance.registered_commands
            if info.callback
        ]
    return sorted(found)


@pytest.mark.parametrize("command", commands())
def test_every_command_is_explained(command: str) -> None:
    documents = read("README.md") + read("docs/running.md")
    assert re.search(rf"civicboard {command}\b", documents), f"`civicboard {command}` is explained nowhere"


def test_no_command_is_explained_that_there_is_not() -> None:
    first_words = {command.split()[0] for command in commands()}
    documents = read("README.md") + read("docs/running.md")
    named = set(re.findall(r"`(?:\.venv/bin/)?civicboard ([a-z-]+)", documents))
    assert named <= first_words, named - first_words


def test_the_rates_that_people_meet_are_told() -> None:
    """Whoever meets a limit can look up what it is."""
    told = read("docs/running.md")
    for rule in RULES.values():
        assert rule.name in told, rule.name


@pytest.mark.parametrize("name", [*(job.name for job in JOBS), *(runner.name for runner in RUNNERS)])
def test_every_job_and_errand_is_explained(name: str) -> None:
    assert f"`{name}`" in read("docs/running.md")


def test_decisions_are_numbered_without_a_gap_and_linked() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    documents = "".join(path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
    for path in decisions:
        assert path.read_text().startswith(f"# {path.name[:4]}. "), path.name
        assert f"decisions/{path.name}" in documents, f"{path.name} is linked from nowhere"


def test_documents_are_fit_to_be_read() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text()
        assert text.startswith("# "), path.name
        assert not re.search(r"\b(TODO|FIXME|TBD)\b|lorem ipsum", text, re.I), path.name
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text):
            assert (path.parent / target).exists(), f"{path.name} leads to {target}, which isn't there"
