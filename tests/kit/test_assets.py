from __future__ import annotations

import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from civicboard.kit.assets import FOREVER, Assets, UnknownAsset

FONT = bytes(range(256)) * 8


@pytest.fixture
def static(tmp_path: Path) -> Path:
    root = tmp_path / "static"
    files = {
        "css/zebra.css": ".zebra { color: black }\n" * 40,
        "css/badge.css": ".badge { color: red }",
        "css/layers.css": "@layer reset, tokens;",
        "css/tokens.css": ":root { --ink: black }",
        "css/fonts.css": '@font-face { font-family: x; src: url("/static/fonts/x.woff2") format("woff2") }',
        "js/live.js": 'import { later } from "/static/js/later.js";\nlater();\n',
        "js/later.js": "export function later() {}\n",
        ".hidden/secret.txt": "hidden",
        "notes.unknown": "no type",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "fonts").mkdir()
    (root / "fonts/x.woff2").write_bytes(FONT)
    return root


@pytest.fixture
async def client(static: Path) -> AsyncIterator[tuple[Assets, httpx2.AsyncClient]]:
    assets = Assets(static)
    app = Starlette(routes=[Mount("/static", app=assets.app)])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as client:
        yield assets, client


def test_an_address_follows_the_content(static: Path) -> None:
    before = Assets(static).url("js/later.js")
    assert before.startswith("/static/js/later-")
    assert before.endswith(".js")
    assert Assets(static).url("js/later.js") == before
    (static / "js/later.js").write_text("export function later() { return 1 }\n")
    assert Assets(static).url("js/later.js") != before


def test_an_address_follows_what_the_file_names(static: Path) -> None:
    bundle, script = Assets(static).url("civicboard.css"), Assets(static).url("js/live.js")
    (static / "fonts/x.woff2").write_bytes(b"another font")
    (static / "js/later.js").write_text("export const later = 1\n")
    assert Assets(static).url("civicboard.css") != bundle
    assert Assets(static).url("js/live.js") != script


def test_an_unknown_name_is_said_plainly(static: Path) -> None:
    assets = Assets(static)
    with pytest.raises(UnknownAsset, match=r"There is no static file 'js/gone\.js'\.") as gone:
        assets.url("js/gone.js")
    assert isinstance(gone.value, KeyError)
    with pytest.raises(KeyError, match="make assets"):
        assets.url("vendor/htmx.min.js")
    for name in (".hidden/secret.txt", "notes.unknown", "css/badge.css"):
        with pytest.raises(KeyError):
            assets.url(name)


def test_a_reference_that_leads_nowhere_stops_the_start(static: Path) -> None:
    (static / "css/zebra.css").write_text("a { background: url(/static/img/gone.png) }")
    with pytest.raises(KeyError, match=r"'img/gone\.png', which civicboard\.css names"):
        Assets(static)


def test_files_that_name_each_other_stop_the_start(static: Path) -> None:
    (static / "js/later.js").write_text('import "/static/js/live.js"\n')
    with pytest.raises(ValueError, match="circle"):
        Assets(static)


def test_an_import_in_the_bundle_stops_the_start(static: Path) -> None:
    (static / "css/zebra.css").write_text('@import "other.css";')
    with pytest.raises(ValueError, match=r"zebra\.css has an @import"):
        Assets(static)


async def test_the_sheets_are_one_bundle_in_a_fixed_order(client: tuple[Assets, httpx2.AsyncClient]) -> None:
    assets, http = client
    text = (await http.get(assets.url("civicboard.css"))).text
    places = [text.index(word) for word in ("@layer", "--ink", "@font-face", ".badge", ".zebra")]
    assert places == sorted(places)
    assert f'url("{assets.url("fonts/x.woff2")}")' in text


async def test_a_script_finds_the_one_it_imports(client: tuple[Assets, httpx2.AsyncClient]) -> None:
    assets, http = client
    text = (await http.get(assets.url("js/live.js"))).text
    assert f'from "{assets.url("js/later.js")}"' in text


async def test_a_file_may_be_kept_for_ever(client: tuple[Assets, httpx2.AsyncClient]) -> None:
    assets, http = client
    answer = await http.get(assets.url("fonts/x.woff2"), headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.content == FONT
    assert answer.headers["cache-control"] == FOREVER == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "font/woff2"
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers


@pytest.mark.parametrize(
    ("accepts", "zipped"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0, *", False),
        ("gzip; q=0.000", False),
        ("", False),
    ],
)
async def test_text_is_compressed_for_those_who_take_it(
    client: tuple[Assets, httpx2.AsyncClient], accepts: str, zipped: bool
) -> None:
    assets, http = client
    async with http.stream("GET", assets.url("civicboard.css"), headers={"accept-encoding": accepts}) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    assert (answer.headers.get("content-encoding") == "gzip") is zipped
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert int(answer.headers["content-length"]) == len(body)
    assert b".zebra" in (gzip.decompress(body) if zipped else body)


async def test_what_the_browser_has_is_not_sent_again(client: tuple[Assets, httpx2.AsyncClient]) -> None:
    assets, http = client
    address = assets.url("civicboard.css")
    zipped = (await http.get(address, headers={"accept-encoding": "gzip"})).headers["etag"]
    plain = (await http.get(address, headers={"accept-encoding": "identity"})).headers["etag"]
    assert zipped != plain
    for tags in (zipped, f'"other", W/{zipped}', "*"):
        same = await http.get(address, headers={"accept-encoding": "gzip", "if-none-match": tags})
        assert same.status_code == 304
        assert same.content == b""
        assert same.headers["etag"] == zipped
        assert same.headers["cache-control"] == FOREVER
        assert same.headers["vary"] == "Accept-Encoding"
    other = await http.get(address, headers={"accept-encoding": "gzip", "if-none-match": plain})
    assert other.status_code == 200


async def test_head_tells_the_same_without_the_body(client: tuple[Assets, httpx2.AsyncClient]) -> None:
    assets, http = client
    address = assets.url("js/later.js")
    got, headed = await http.get(address), await http.head(address)
    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers == got.headers


async def test_only_reading_is_possible(client: tuple[Assets, httpx2.AsyncClient]) -> None:
    assets, http = client
    answer = await http.post(assets.url("js/later.js"))
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/static/js/later.js",
        "/static/js/later-000000000000.js",
        "/static/",
        "/static/%2e%2e/pyproject.toml",
        "/static//etc/passwd",
        "/static/.hidden/secret.txt",
        "/static/js/later-%00.js",
    ],
)
async def test_no_other_address_leads_anywhere(client: tuple[Assets, httpx2.AsyncClient], path: str) -> None:
    answer = await client[1].get(path)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_a_proxy_may_put_the_board_below_a_path(static: Path) -> None:
    assets = Assets(static)
    app = Starlette(routes=[Mount("/static", app=assets.app)])
    transport = httpx2.ASGITransport(app=app, root_path="/town")
    async with httpx2.AsyncClient(transport=transport, base_url="http://board.test") as http:
        assert (await http.get("/town" + assets.url("js/later.js"))).status_code == 200


async def test_a_changed_file_is_read_again_in_development(static: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("civicboard.kit.assets._RELOAD_SECONDS", 0)
    watching, fixed = Assets(static, reload=True), Assets(static)
    before = watching.url("js/later.js")
    (static / "js/later.js").write_text("export function later() { return 2 }\n")
    os.utime(static / "js/later.js", ns=(1, 1))
    assert watching.url("js/later.js") != before
    assert fixed.url("js/later.js") == before
