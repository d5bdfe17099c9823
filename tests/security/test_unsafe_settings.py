"""In production the board starts safely or not at all, and says why in words."""

from __future__ import annotations

import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from civicboard import cli, serving
from civicboard.kit import logs
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.settings import BadSettings, Settings, load

SAFE = {
    "CIVICBOARD_ENVIRONMENT": "production",
    "CIVICBOARD_ORIGIN": "https://board.example.org",
    "CIVICBOARD_ALLOWED_HOSTS": "board.example.org",
    "CIVICBOARD_SECRET": "0123456789abcdef0123456789abcdef",
}

#: Each fault by itself: what is set otherwise ("" for not at all), and what is said about it.
FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "debugging": ({"CIVICBOARD_DEBUG": "1"}, "CIVICBOARD_DEBUG is on"),
    "no secret": ({"CIVICBOARD_SECRET": ""}, "CIVICBOARD_SECRET is missing"),
    "short secret": ({"CIVICBOARD_SECRET": "hunter2"}, "CIVICBOARD_SECRET is missing or shorter"),
    "plain http": ({"CIVICBOARD_ORIGIN": "http://board.example.org"}, "must start with https://"),
    "no origin": ({"CIVICBOARD_ORIGIN": ""}, "must start with https://"),
    "no hosts": ({"CIVICBOARD_ALLOWED_HOSTS": ""}, "CIVICBOARD_ALLOWED_HOSTS is empty"),
    "the demo": ({"CIVICBOARD_DEMO": "1"}, "CIVICBOARD_DEMO is on"),
    "the demo's provider": ({"CIVICBOARD_DEMO_ISSUER": "http://127.0.0.1:1"}, "CIVICBOARD_DEMO is on"),
}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Settings]]:
    """The settings that the web processes were about to be started with."""
    started: list[Settings] = []
    monkeypatch.setattr(serving, "run_web", started.append)
    monkeypatch.setattr(logs, "configure", lambda **_: None)
    handler = signal.getsignal(signal.SIGTERM)
    yield started
    signal.signal(signal.SIGTERM, handler)


def run(monkeypatch: pytest.MonkeyPatch, *command: str, **environment: str) -> Result:
    for name, value in environment.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    return CliRunner().invoke(cli.app, list(command))


def said(result: Result) -> str:
    return " ".join(result.output.split())


@pytest.mark.parametrize(("changes", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_it_refuses_to_start(
    monkeypatch: pytest.MonkeyPatch, served: list[Settings], tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    environment = SAFE | {"CIVICBOARD_DATA": str(tmp_path), "DATABASE_URL": "postgresql://a@127.0.0.1:1/x"} | changes
    result = run(monkeypatch, "serve", **environment)
    assert result.exit_code == 1
    assert sentence in said(result)
    assert "Traceback" not in result.output
    assert "hunter2" not in result.output
    assert not served
    if "" not in changes.values():
        assert said(result).count("✗") == 1, "this fault and no other"


def test_it_names_all_faults_at_once(monkeypatch: pytest.MonkeyPatch, served: list[Settings], tmp_path: Path) -> None:
    unsafe = {"CIVICBOARD_ENVIRONMENT": "production", "CIVICBOARD_DEBUG": "1", "CIVICBOARD_DATA": str(tmp_path)}
    result = run(monkeypatch, "serve", **unsafe)
    assert result.exit_code == 1
    assert said(result).count("✗") == 4
    assert not served


@pytest.mark.parametrize("role", ["postgres", "civicboard"])
def test_what_the_database_must_not_be(
    monkeypatch: pytest.MonkeyPatch, served: list[Settings], own_database_url: str, tmp_path: Path, role: str
) -> None:
    """A superuser's role, a disk that isn't waited for (as in all tests), a folder that everybody may look into."""
    tmp_path.chmod(0o755)
    url = own_database_url.replace("civicboard@", f"{role}@")
    result = run(monkeypatch, "serve", **SAFE, CIVICBOARD_DATA=str(tmp_path), DATABASE_URL=url)
    assert result.exit_code == 1
    assert "fsync is off" in said(result)
    assert "Everybody on this machine can look into" in said(result)
    assert ("is a superuser" in said(result)) == (role == "postgres")
    assert not served


def test_with_all_in_order_it_starts_and_not_before_it_is_migrated(
    monkeypatch: pytest.MonkeyPatch, served: list[Settings], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With a PostgreSQL of its own, as people would have it."""
    data = tmp_path_factory.mktemp("data", numbered=True)
    data.chmod(0o700)
    monkeypatch.setenv("DATABASE_URL", "")
    environment = SAFE | {"CIVICBOARD_DATA": str(data)}
    first = run(monkeypatch, "serve", **environment)
    assert first.exit_code == 1, first.output
    assert "Run: civicboard migrate" in said(first)
    assert not served
    monkeypatch.setenv("DATABASE_URL", "")
    assert run(monkeypatch, "migrate", **environment).exit_code == 0
    monkeypatch.setenv("DATABASE_URL", "")
    second = run(monkeypatch, "serve", **environment)
    assert second.exit_code == 0, second.output
    assert [settings.production for settings in served] == [True]
    assert stat.S_IMODE((data / "postgres").stat().st_mode) == 0o700
    assert not data.stat().st_mode & 0o007
    assert not EmbeddedPostgres(data).running, "and its database stopped with it"


@pytest.mark.parametrize("command", ["demo", "demo-provider"])
def test_the_demo_does_not_belong_there(
    monkeypatch: pytest.MonkeyPatch, served: list[Settings], tmp_path: Path, command: str
) -> None:
    arguments = ["--port", "1", "--board", "https://board.example.org"] if command == "demo-provider" else []
    result = run(monkeypatch, command, *arguments, **SAFE, CIVICBOARD_DATA=str(tmp_path))
    assert result.exit_code == 1
    assert "production" in said(result)


MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "a port": ({"PORT": "many"}, "PORT"),
    "an origin": ({"CIVICBOARD_ORIGIN": "board.example.org"}, "must be a scheme and a host"),
    "an origin with a path": ({"CIVICBOARD_ORIGIN": "https://example.org/board"}, "must be a scheme and a host"),
    "a time zone": ({"CIVICBOARD_TIMEZONE": "Mars"}, "CIVICBOARD_TIMEZONE can't be used: must be a time zone, as in"),
    "an environment": ({"CIVICBOARD_ENVIRONMENT": "live"}, "CIVICBOARD_ENVIRONMENT"),
    "workers": ({"CIVICBOARD_WORKERS": "0"}, "CIVICBOARD_WORKERS"),
    "a provider's issuer": ({"CIVICBOARD_LOGIN": "council"}, "CIVICBOARD_LOGIN_COUNCIL_ISSUER is missing"),
    "a provider's kind": ({"CIVICBOARD_LOGIN": "x", "CIVICBOARD_LOGIN_X_KIND": "saml"}, "must be oidc"),
}


@pytest.mark.parametrize(("changes", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, served: list[Settings], tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    result = run(monkeypatch, "serve", **{"CIVICBOARD_DATA": str(tmp_path), **changes})
    assert result.exit_code == 1
    assert sentence in said(result)
    assert "Traceback" not in result.output
    assert not served
    with pytest.raises(BadSettings):
        load()


def values(**changes: Any) -> dict[str, Any]:
    return {
        "environment": "production",
        "origin": "https://a.example",
        "allowed_hosts": ("a.example",),
        "secret": "x" * 32,
        **changes,
    }


def test_safe_settings_are_safe_and_the_same_for_trying_out_are_not_asked() -> None:
    assert Settings(**values()).unsafe() == []
    assert Settings(**values(secret="x" * 31)).unsafe() != []
    assert Settings(**values(allowed_hosts=())).unsafe() != []


def test_a_secret_for_trying_out_is_for_its_owner_alone_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = Settings(environment="development", data=folder).secret
    assert len(made) == 64
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert Settings(environment="development", data=folder).secret == made
    assert Settings(environment="production", data=folder).secret == "", "production brings its own"


def test_production_answers_to_its_own_names_alone() -> None:
    assert set(Settings(**values()).hosts) == {"a.example"}
    assert "localhost" in Settings(environment="development", secret="x").hosts


def test_settings_show_no_secret_when_they_are_printed() -> None:
    """They end up in error reports sooner or later."""
    shown = repr(Settings(**values(secret="canary" * 8, DATABASE_URL="postgresql://a:canary@h/b")))
    assert "canary" not in shown
