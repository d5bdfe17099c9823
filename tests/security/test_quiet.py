"""Logs and figures say how the board does, and nothing of who did what with which words or keys."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from civicboard.kit.logs import hide_secrets
from tests.cast import NAMES
from tests.house.doors import DOORS, World
from tests.security.log_probe import CANARIES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("style", ["json", "text"])
def test_no_log_line_opens_a_door_or_tells_on_anybody(own_database_url: str, tmp_path: Path, style: str) -> None:
    """Signing in, writing and breaking, with what the process really writes to standard error."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.security.log_probe", own_database_url, str(tmp_path), style],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    said = ran.stderr
    assert ran.returncode == 0, said[-3000:]
    assert said.rstrip().endswith("done")
    assert ran.stdout == ""
    for what, canary in CANARIES.items():
        for form in (canary, quote(canary, safe=""), base64.b64encode(canary.encode()).decode().rstrip("=")[:-2]):
            lines = [line for line in said.splitlines() if form in line]
            assert not lines, f"the {what} stands in the log: {lines[0][:400]}"
    for name in NAMES.values():
        assert name not in said
    # And yet it says what is needed to mend it.
    assert "CheckViolationError" in said
    assert "Traceback" in said
    assert "unhandled" in said
    assert "sign_in_refused" in said
    assert "/login/council/callback" in said
    if style == "json":
        events = [json.loads(line) for line in said.splitlines()[:-1] if line.startswith("{")]
        assert len(events) > 10
        answered = next(event for event in events if event["event"] == "answered")
        assert answered.keys() >= {"method", "path", "status_code", "ms", "timestamp", "level"}
        assert "?" not in answered["path"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("detail", "GET /login/x/callback?code=abc&state=def failed"),
        ("detail", "https://a.example/?id_token_hint=abc"),
        ("error", "could not reach postgresql://user:abc@host/db"),
        ("authorization", "Bearer abc"),
        ("Cookie", "session=abc"),
        ("client_secret", "abc"),
        ("code_verifier", "abc"),
        ("logout_token", "abc"),
        ("password", "abc"),
        ("nonce", "abc"),
    ],
)
def test_what_looks_like_a_key_is_hidden(key: str, value: str) -> None:
    assert "abc" not in str(hide_secrets(None, "", {key: value}))


async def test_figures_tell_of_nobody(world: World) -> None:
    """Labels are doors, methods and statuses, whatever was asked for: no person, no address, no words."""
    async with await world.client("ada") as client:
        client.headers["User-Agent"] = "Ag3nt-canary"
        for path in (
            "/people/ada",
            f"/problems/{world.cast.problem}",
            "/search?q=s3arch-canary",
            "/nowhere-canary",
            "/people/nobody-canary",
        ):
            await client.get(path)
        for method in ("NONSENSE", "CANARY", "get", "M" * 300):
            await client.request(method, "/")
        told = (await client.get("/metrics")).text
    for never in ("canary", "ada", "Ada", "127.0.0.1", "testserver", "brook", "/people"):
        assert never not in told, never
    endpoints = {door.name for door in DOORS} | {"show_problem", "_serve", "none"}
    names = set()
    for family in text_string_to_metric_families(told):
        names.add(family.name)
        for sample in family.samples:
            if family.name.startswith("civicboard"):
                assert sample.labels.keys() <= {"method", "route", "status", "le"}
                assert sample.labels.get("route", "none") in endpoints, sample
                assert re.fullmatch(r"|[1-5]\d\d", sample.labels.get("status", ""))
                assert sample.labels.get("method", "GET") in (
                    "GET",
                    "HEAD",
                    "POST",
                    "PUT",
                    "PATCH",
                    "DELETE",
                    "OPTIONS",
                    "other",
                ), sample
    assert {"civicboard_requests", "civicboard_request_seconds", "civicboard_sockets"} <= names


async def test_what_isnt_yours_is_as_if_it_werent_there(world: World) -> None:
    """Enumeration: another's session or way to sign in gives the very answer of one that nobody has."""
    for name in ("destroy_session", "destroy_identity"):
        door = next(door for door in DOORS if door.name == name)
        theirs = await world.path(door)
        nobodys = re.sub(r"\d+$", "987654321", theirs)
        async with await world.client("dee") as client:
            answers = [await client.delete(path) for path in (theirs, nobodys)]
        assert answers[0].status_code == answers[1].status_code == 404
        bodies = [
            re.sub(r'name="csrf" value="[^"]*"', "", answer.text).replace(path, "")
            for answer, path in zip(answers, (theirs, nobodys), strict=True)
        ]
        assert bodies[0] == bodies[1]
        assert {k: v for k, v in answers[0].headers.items() if k != "content-length"}.keys() == answers[
            1
        ].headers.keys() - {"content-length"}


async def test_a_draft_is_its_browsers_alone(world: World) -> None:
    async with await world.client("ada") as ada, await world.client("dee") as dee:
        ada.cookies.set("browser", "a" * 43)
        dee.cookies.set("browser", "d" * 43)
        assert (await ada.put("/drafts/problem", data={"story": "a canary of Ada's"})).status_code == 204
        assert "canary of Ada" in (await ada.get("/problems/new")).text
        assert "canary of Ada" not in (await dee.get("/problems/new")).text
        assert (await dee.delete("/drafts/problem")).status_code == 204
        assert "canary of Ada" in (await ada.get("/problems/new")).text


async def test_a_page_shows_a_stranger_nothing_of_accounts(world: World) -> None:
    """No e-mail, no identity, no session, nobody's key stands in a public page."""
    async with await world.client("stranger") as client:
        for path in (
            "/",
            f"/problems/{world.cast.problem}/x",
            "/people/ada",
            "/search?q=brook",
            f"/problems/{world.cast.problem}/network",
        ):
            page = (await client.get(path, follow_redirects=True)).text
            for never in ("issuer.example", "token_hash", "data-viewer", "session-", "identity-", "/viewer/"):
                assert never not in page, f"{never} on {path}"
