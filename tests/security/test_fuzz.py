"""Whatever is typed, sent or asked for: never an error of ours, always a page to read, and the words are kept."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import quote_from_bytes

import httpx2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.house.doors import DOORS, FORMS, ROLES, Door, World

CALM = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None, print_blob=True)

#: What has broken other boards: NUL, half a surrogate pair, numbers past 64 bits, letters that are digits elsewhere,
#: text that turns round, what looks like markup or an envelope, and a great deal of anything.
TRICKS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "a\udfffb",
    "\ufffe\uffff",
    str(2**63),
    str(2**63 - 1),
    "-1",
    "0",
    "1e309",
    "NaN",
    "²",
    "٣",
    "1²",
    "9" * 5000,
    "\u202etxt.exe",
    "a\u0301" * 500,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<hx-partial hx-target='body'>x</hx-partial>",
    "{{ 7 * 7 }}{% raw %}",
    "%(x)s{0}{self}%s",
    "'; DROP TABLE people; --",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
    "http://[::1",
    "//evil.example/\\",
    "javascript:alert(1)",
    "0001-01-01",
    "9999-12-31",
    "31/2/2026",
    "a" * 20_000,
    "> " * 3000,
    "[" * 3000,
    "*a " * 3000,
    "@ada " * 500,
    "\x02\x03\x1b[31m",
]
strange = st.one_of(st.sampled_from(TRICKS), st.text(max_size=60), st.integers().map(str))
WITH_FORMS = [door for door in DOORS if door.http and not door.safe and door.name != "create_sign_out"]
OTHER_FIELDS = [
    "key",
    "quotes",
    "revision",
    "version",
    "do",
    "of",
    "next",
    "link",
    "server",
    "hours",
    "until",
    "place",
    "coordinates",
    "tags",
    "whereabouts",
    "help_wanted",
    "why",
    "about",
    "shows_presence",
    "things",
    "rooms",
    "languages",
    "visibility",
    "asks_a_week",
    "quiet_from",
    "free_thu-evening",
    "tag",
    "synonyms",
    "word",
    "kind",
    "capacity",
    "csrf",
    "_method",
    "handle",
]

#: Where words that were refused must be waiting, by door.
WORDS = {
    "create_problem": ("title", "story", "whereabouts", "tags", "help_wanted", "coordinates"),
    "update_problem": ("title", "story", "why"),
    "create_post": ("words",),
    "update_post": ("words",),
    "create_stage": ("why",),
    "create_offer": ("what", "words", "hours"),
    "create_refusal": ("reason",),
    "create_welcome": ("words",),
    "update_abilities": ("tags", "words", "things", "rooms", "languages"),
    "update_ability_times": ("hours_a_week", "quiet_from"),
    "create_skill": ("tag", "synonyms", "about"),
    "update_account": ("name", "about"),
}


def encoded(fields: dict[str, str]) -> bytes:
    """A URL-encoded body, with lone surrogates as the bytes that a careless client would send."""

    def one(text: str) -> str:
        return quote_from_bytes(text.encode("utf-8", "surrogatepass"))

    return "&".join(f"{one(name)}={one(value)}" for name, value in fields.items()).encode()


def readable(answer: httpx2.Response, said: str) -> None:
    assert answer.status_code < 500, f"{answer.status_code} for {said[:300]}"
    kind = answer.headers.get("content-type", "")
    if answer.status_code >= 400 and not kind.startswith("text/plain"):
        assert kind == "text/html; charset=utf-8", f"{answer.status_code} {kind} for {said[:300]}"
        assert re.search('<h1|role="alert"', answer.text)
    for never in ("<script>alert", "onerror=alert(1)>", "<hx-partial hx-target='body'"):
        assert never not in answer.text


@pytest.mark.parametrize("door", WITH_FORMS, ids=str)
async def test_forms_take_whatever_comes(world: World, door: Door) -> None:
    fields = sorted({*FORMS.get(door.name, {}), *WORDS.get(door.name, ()), *OTHER_FIELDS})
    fresh = [await world.path(door)]

    @CALM
    @given(
        st.dictionaries(st.sampled_from(fields), strange, max_size=4),
        st.sampled_from(["ada", "bo", "stranger"]),
        st.booleans(),
    )
    @example(dict.fromkeys(fields[:3], "\0"), "ada", True)
    @example(dict.fromkeys(fields, "\ud800"), "ada", True)
    @example(dict.fromkeys(fields, str(2**63)), "ada", True)
    @example(dict.fromkeys(fields, "a" * 4000), "ada", True)
    async def try_it(typed: dict[str, str], role: str, with_the_rest: bool) -> None:
        sent = {**(FORMS.get(door.name, {}) if with_the_rest else {}), **typed}
        # What was refused is there to try again.
        path = fresh.pop() if fresh else await world.path(door)
        async with await world.client(role) as client:
            answer = await client.request(
                door.method, path, content=encoded(sent), headers={"Content-Type": "application/x-www-form-urlencoded"}
            )
        readable(answer, repr(sent))
        if answer.status_code >= 400:
            fresh.append(path)
        if answer.status_code == 422 and door.answers[ROLES.index(role)] == "303":
            page = html.unescape(answer.text).replace("\r", "")
            assert "<title>Error: " in page, f"{door}: the tab doesn't say that something is to mend"
            assert 'id="error-summary"' in page
            for name in WORDS.get(door.name, ()):
                words = sent.get(name, "").encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\r", "")
                assert html.unescape(words) in page, f"{name} of {door} is lost: {words[:80]!r}"

    await _run(try_it)


async def _run(test: Any) -> None:
    """Hypothesis runs a coroutine function by pytest-asyncio only at the top: here each example is awaited by hand."""
    import asyncio

    inner = test.hypothesis.inner_test
    loop = asyncio.get_running_loop()

    def run_in_loop(*arguments: Any, **named: Any) -> None:
        asyncio.run_coroutine_threadsafe(inner(*arguments, **named), loop).result(60)

    test.hypothesis.inner_test = run_in_loop
    await asyncio.to_thread(test)


BODIES = [
    (b"", "application/x-www-form-urlencoded"),
    (b"title", "application/x-www-form-urlencoded"),
    (b"&&&===&&%%%zz", "application/x-www-form-urlencoded"),
    (b"\xff\xfe=\x80", "application/x-www-form-urlencoded"),
    (b"%00=%00&%ED%A0%80=%ED%A0%80", "application/x-www-form-urlencoded"),
    (b"title=x", "application/x-www-form-urlencoded; charset=utf-7"),
    (b"title=x", "application/x-www-form-urlencoded; charset=nonsense"),
    (b"{}", "application/json"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"title=x", ""),
    (b"title=x", "multipart/form-data"),
    (b"", "multipart/form-data; boundary="),
    (b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\0\xff\r\n--x--', "multipart/form-data; boundary=x"),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--x--", "multipart/form-data; boundary=x"),
    (
        b'--x\r\nContent-Disposition: form-data; name="title"; filename="a"\r\n\r\na\r\n--x--',
        "multipart/form-data; boundary=x",
    ),
    (b"--x\r\nContent-Dispo", "multipart/form-data; boundary=x"),
    (b"--x\r\n" * 2000, "multipart/form-data; boundary=x"),
    (b"--y\r\n\r\n--y--", 'multipart/form-data; boundary="x"'),
    (b"title=x", "multipart/form-data; boundary=x; charset=nonsense"),
]


@pytest.mark.parametrize("door", WITH_FORMS, ids=str)
async def test_bodies_that_are_no_form(world: World, door: Door) -> None:
    path = await world.path(door)
    async with await world.client("ada") as client:
        for body, kind in BODIES:
            answer = await client.request(
                door.method, path, content=body, headers={"Content-Type": kind} if kind else {}
            )
            readable(answer, f"{kind}: {body!r}")


#: The parameters that any page reads from its address.
ASKED = [
    "place",
    "stage",
    "tag",
    "needs",
    "mine",
    "sort",
    "after",
    "q",
    "before",
    "quote",
    "next",
    "said",
    "state",
    "code",
    "error",
    "iss",
    "cursor",
    "on",
    "_method",
]


def percent(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


@settings(CALM, max_examples=60)
@given(
    st.sampled_from([door for door in DOORS if door.method in ("GET", "MOUNT")]),
    st.lists(strange, min_size=3, max_size=3),
    st.dictionaries(st.sampled_from(ASKED), strange, max_size=3),
    st.booleans(),
)
@example(next(door for door in DOORS if door.name == "show_board"), ["", "", ""], {"after": "²-1"}, False)
@example(
    next(door for door in DOORS if door.name == "show_board"), ["", "", ""], {"after": "1-٣", "sort": "affected"}, False
)
@example(next(door for door in DOORS if door.name == "show_viewer_css"), ["9" * 5000] * 3, {}, False)
@example(next(door for door in DOORS if door.name == "show_problem"), [str(2**63)] * 3, {}, False)
@example(next(door for door in DOORS if door.name == "show_problem"), ["9" * 4400] * 3, {}, False)
@example(
    next(door for door in DOORS if door.name == "show_search"),
    ["", "", ""],
    {"q": "a" * 3000 + " | & ! <-> ( :*"},
    False,
)
async def test_addresses_of_any_kind(
    world: World, door: Door, values: list[str], query: dict[str, str], by_script: bool
) -> None:
    given_values = iter(values)
    path = re.sub(r"\{[^}]*\}", lambda _: percent(next(given_values)), door.path)
    address = f"{path}?{'&'.join(f'{name}={percent(value)}' for name, value in query.items())}"
    async with await world.client("ada") as client:
        headers = {"HX-Request": "true"} if by_script else {}
        answer = await client.get(address, headers=headers)
    readable(answer, address)
    for location in answer.headers.get_list("location") + answer.headers.get_list("hx-redirect"):
        assert re.match(r"/(?![/\\])", location), f"{address} leads to {location}"


NUMBERS = [
    "0",
    "1",
    "01",
    "999999999999999999",
    str(2**63 - 1),
    str(2**63),
    "9" * 30,
    "9" * 4301,
    "9" * 6000,
    "-1",
    "+1",
    "1.0",
    "١",
    "²",
    "1%00",
    "1%0a",
    "%201",
    "0x1",
]


@pytest.mark.parametrize("door", [door for door in DOORS if door.http and ":int" in door.path], ids=str)
async def test_numbers_of_any_length(world: World, door: Door) -> None:
    async with await world.client("ada") as client:
        for number in NUMBERS:
            path = re.sub(r"\{[^}]*:int\}", number, door.path).replace("{slug:str}", "x")
            answer = await client.request(door.method, path, data=None if door.safe else world.form(door))
            readable(answer, path)


HEADERS: list[dict[str, str]] = [
    {"Cookie": "session=" + "x" * 5000},
    {"Cookie": "session=\x01; browser=\xe9"},
    {"Cookie": ";;;===;session;browser=" + "b" * 43},
    {"Cookie": "browser=" + "é" * 40},
    {"Accept-Encoding": "gzip;q=nonsense, *;q=0"},
    {"If-None-Match": '"' + "x" * 4000},
    {"HX-Request": "true", "HX-Target": "<script>", "HX-Current-URL": "javascript:alert(1)"},
    {"X-Forwarded-For": "not an address, ::ffff:1.2.3.4%eth0", "Forwarded": "for=;;;"},
    {"X-Forwarded-For": ",".join(["1.1.1.1"] * 500)},
    {"User-Agent": "\x80" * 2000},
    {"Accept-Language": "*;q=2,xx-" + "y" * 500},
    {"Range": "bytes=0-,1-,2-", "Expect": "nonsense"},
    {"X-CSRF-Token": "\xff" * 43},
    {"Host": "testserver:99999"},
    {"Host": "testserver@evil.example"},
    {"Host": "[::1"},
    {"Host": "\xe9"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: ",".join(headers))
async def test_headers_of_any_kind(world: World, headers: dict[str, str]) -> None:
    async with await world.client("ada") as client:
        raw = [
            (name.encode(), value.encode("utf-8" if ord(max(value)) > 255 else "latin-1"))
            for name, value in headers.items()
        ]
        if "Host" not in headers:
            raw.append((b"host", b"testserver"))
        for method, path in (("GET", "/"), ("GET", "/static/x"), ("POST", "/problems"), ("PUT", "/drafts/problem")):
            answer = await client.send(httpx2.Request(method, f"http://testserver{path}", headers=raw))
            readable(answer, f"{method} {path} {headers}")


async def test_a_draft_may_be_any_text_and_comes_back_as_it_was(world: World) -> None:
    """All of it waits in the form, but for NUL, which PostgreSQL can't hold."""
    async with await world.client("ada") as client:
        for trick in TRICKS:
            sent = encoded({"story": trick, "title": "x"})
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            kept = await client.put("/drafts/problem", content=sent, headers=form)
            assert kept.status_code in (204, 400, 413, 422), repr(trick[:50])
            page = await client.get("/problems/new")
            assert page.status_code == 200
            if kept.status_code == 204:
                words = trick.replace("\0", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                assert html.unescape(words) in html.unescape(page.text), repr(trick[:50])
