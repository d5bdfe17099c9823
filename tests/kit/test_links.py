"""``safe_next`` stays on the board in every reading of an address, a browser's above all."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from civicboard.kit.links import is_local, safe_next

ORIGIN = "https://board.example.org"

#: Ways off the board that worked on somebody, somewhere.
TRAPS = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "\x0b//evil.example",
    "/\x7f/evil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e/%2fevil.example",
    "/x//evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "HTTPS://evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "//board.example.org@evil.example",
    "@evil.example",
    ".evil.example",
    "evil.example",
    "?next=/",
    "#x",
    "",
    "/\ud800",
    "/\x85x",
    "/" + "a" * 2000,
    "/" + "é" * 1999,
]


@pytest.mark.parametrize("raw", TRAPS, ids=repr)
def test_a_trap_gives_the_fallback(raw: str) -> None:
    assert safe_next(raw) == "/"
    assert safe_next(raw, "/account") == "/account"


def test_nothing_gives_the_fallback() -> None:
    assert safe_next(None) == "/"


@pytest.mark.parametrize(
    "raw",
    [
        "/",
        "/problems/7/a-broken-kerb",
        "/problems/7#post-12",
        "/search?q=https://example.org/a//b&page=2",
        "/?place=pill&sort=new#top",
        "/a%20b?x=%2F%5C",
        "/" + "a" * 1999,
    ],
)
def test_a_page_of_the_board_is_kept(raw: str) -> None:
    assert safe_next(raw) == raw


def test_other_letters_are_encoded_so_that_they_fit_a_header() -> None:
    assert safe_next("/places/tŷ-du?q=łódź") == "/places/t%C5%B7-du?q=%C5%82%C3%B3d%C5%BA"


def as_a_browser_reads(address: str, base: str) -> str:
    """The origin that the WHATWG URL parser ends up at, for a reference against an https base."""
    address = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(0x21)))))
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", address, re.DOTALL)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return f"{scheme[1]}:"
    rest = (scheme[2] if scheme else address).replace("\\", "/")
    if scheme and scheme[1].lower() != "https":
        return f"{scheme[1].lower()}://" + re.split(r"[/?#]", rest.lstrip("/"))[0]
    if rest.startswith("//") or (scheme and not base.startswith(f"{scheme[1].lower()}:")):
        return "https://" + re.split(r"[/?#]", rest.lstrip("/"))[0]
    return base


_PIECES = st.sampled_from(
    [
        "/", "//", "\\", "\t", "\n", "\r", " ", "\x00", ".", "..", "%2f", "%5C", "%2e", "%09", "?", "#", "@",
        ":", "&", "=",
        "http:", "https:", "javascript:", "evil.example", "board.example.org", "a", "é", "\u2028", "\uff0f",
        "\u2215",
    ]
)  # fmt: skip


@given(st.one_of(st.lists(_PIECES, max_size=8).map("".join), st.text()))
@example("/\uff0f\uff0fevil.example")
@example("/\u2028/evil.example")
def test_joined_with_the_origin_it_stays_there(raw: str) -> None:
    kept = safe_next(raw, "/fallback")
    assert as_a_browser_reads(kept, ORIGIN) == ORIGIN
    joined = urlsplit(urljoin(ORIGIN + "/login", kept))
    assert f"{joined.scheme}://{joined.netloc}" == ORIGIN
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))
    assert kept.isascii()
    assert kept.isprintable()
    assert len(kept) <= 2000
    assert safe_next(kept) == kept


@given(st.text(alphabet="abcé0-_~.", min_size=1), st.text(alphabet="abc=&/é%20"))
def test_an_ordinary_page_is_never_lost(path: str, query: str) -> None:
    assert is_local(f"/{path}?{query}")
