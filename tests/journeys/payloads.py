"""What somebody may type who wants more than to say something, and what may never come of it."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from playwright.async_api import Page

from tests.journeys.neighbours import PATIENCE, Neighbour

#: Each would leave an element with ``pwned`` in it, ask /pwned of the board, lead elsewhere, or open a dialog, if it
#: were not text.
SCRIPTS = (
    "<script>alert('pwned')</script>",
    "<img src=/pwned onerror=alert('pwned')>",
    "<svg onload=alert('pwned')><style>@import'/pwned'</style></svg>",
    '"><b class=pwned autofocus onfocus=alert(1) tabindex=1>',
    "<a href=javascript:alert('pwned')>x</a>",
    "</textarea></title></option></select><b class=pwned>",
    "--><iframe srcdoc=pwned></iframe><base href=//pwned.example>",
    "' onmouseover=alert(1) x='<meta http-equiv=refresh content=0;url=/pwned>",
    '<!DOCTYPE x [<!ENTITY pwned SYSTEM "file:///etc/passwd">]><x id=pwned>&pwned;</x>',
)
HTMX = (
    "<b hx-get=/pwned hx-trigger=load class=pwned></b>",
    "<b data-hx-get=/pwned data-hx-trigger=load></b>",
    "<b hx-on:load=alert('pwned') hx-on:htmx:load=alert(1)>",
    "<hx-partial hx-target=#main><b class=pwned></b></hx-partial>",
    "<hx-upsert hx-target=#thread><b id=pwned></b></hx-upsert>",
    '{"content":"<b class=pwned>","target":"#main"}',
    "</template><b class=pwned hx-ws:connect=/pwned>",
)
MARKDOWN = (
    "[press](javascript:alert('pwned')) [press](JaVaScRiPt&colon;alert(1)) [press](data:text/html,pwned)",
    "![pwned](/pwned) ![pwned](https://elsewhere.example/pwned)",
    "[x](/ \"onmouseover=alert('pwned')\") <https://a.example/\"onmouseover=alert('pwned')>",
    "`<b class=pwned>` &lt;b class=pwned&gt; \\<b class=pwned>",
)
TEXT = (
    "{{7*7}} {% raw %} ${7*7} <%= 7*7 %>",
    "right \u202eto left\u202c again",
    "Z\u0351\u036b\u0343\u036a\u0302a\u0328\u0348\u0317l\u0334\u0353g\u0321\u0325o\u0322\u0327, a town",
    "'; DROP TABLE problems; -- %00 \\u0000",
    "Subject: pwned\r\nBcc: all@elsewhere.example\r\n\r\n<b class=pwned>",
    "@ada @all @everyone @here #1 #99999999999999999999",
)
PLACES_ELSEWHERE = (
    "//elsewhere.example/pwned",
    "/\\elsewhere.example/pwned",
    "/\t/elsewhere.example/pwned",
    "%2F%2Felsewhere.example/pwned",
    "javascript:alert('pwned')//",
    "https://elsewhere.example@127.0.0.1:22/pwned",
)
KINDS = {"scripts": SCRIPTS, "htmx": HTMX, "markdown": MARKDOWN, "text": TEXT, "places elsewhere": PLACES_ELSEWHERE}

#: What is no text: NUL and another control character.
NO_TEXT = (b"pwned\0 and \x1b more",)
#: What is hard to read: half of a surrogate pair, bytes that are not UTF-8, and a number that is too big.
HARDLY = (b"pwned\xed\xa0\x80 and \xff more", b"9223372036854775808")

#: What a page may have none of. Nobody's words may make an element of their own, one with a handler, a name of htmx,
#: a mark of ours, or a way elsewhere that doesn't say so.
WRONG = r"""(page) => {
  const tags = "hx-partial, hx-upsert, iframe, object, embed, template, base, img, style, x";
  const prose = "P BR EM STRONG DEL A UL OL LI BLOCKQUOTE CODE PRE H3 H4 HR".split(" ");
  const leads = page.querySelector("meta[http-equiv=refresh]")?.content ?? "";  // to the provider
  const all = (selector) => [...page.querySelectorAll(selector)];
  const kinds = new Map();  // the same few names stand on hundreds of elements
  const kind = (name) => kinds.get(name) ?? kinds.set(name, {
    handles: name.startsWith("on") || /hx-on/.test(name),
    leads: /href|src|action|cite|background/.test(name),
    asks: /^(src|action|(data-)?hx-(get|post|target|ws:connect))$/.test(name),
  }).get(name);
  const attributes = (element) => element.getAttributeNames().some((name) => {
    const { handles, leads, asks } = kind(name);
    return handles || (leads && /^\s*(javascript|data|vbscript):/i.test(element.getAttribute(name)))
      || (asks && /pwned/.test(element.getAttribute(name)));
  });
  const typed = (element) => !prose.includes(element.tagName)
    || element.getAttributeNames().some((name) => !["href", "rel", "start"].includes(name));
  const away = (element) => element.tagName === "A" && element.href
    && element.origin !== location.origin && element.protocol !== "mailto:"
    && !element.relList.contains("nofollow") && !element.relList.contains("license") && !leads.includes(element.href);
  return [
    ...all(tags), ...all("[id*=pwned], [class*=pwned]"), ...all('script:not([src^="/static/"])'),
    ...all("meta[http-equiv]").filter((element) => /pwned|elsewhere/.test(element.content)),
    ...all("*").filter(attributes), ...all(".prose *").filter(typed), ...all("a[href]").filter(away),
  ].map((element) => element.outerHTML.slice(0, 200));
}"""

#: Reads many answers as a browser does, without showing them.
READ = f"""(came) => {{
  const wrong = {WRONG};
  const plain = (text) => text.replace(/\\s+/g, " ").normalize("NFC");
  return came.map(({{ html, form, shows }}) => {{
    const page = new DOMParser().parseFromString(html, "text/html");
    const fields = [...page.querySelectorAll(`:is(form[action="${{form}}"], form[action^="${{form}}#"]) [name]`)];
    const valued = fields.filter((field) => field.matches("textarea, input:not([type=radio], [type=checkbox])"));
    const values = valued.map((field) => [field.name, field.getAttribute("value") ?? field.value]);
    const typed = [...page.querySelectorAll("[value]")].map((field) => field.getAttribute("value"));
    const numbers = (found) => [...page.querySelectorAll(found)].map((one) => Number(one.id.split("-")[1]));
    const text = shows.length ? plain([page.body.textContent, ...typed].join(" ")) : "";
    return {{
      wrong: wrong(page),
      posts: numbers(".post"), offers: numbers(".offer.waiting"), values: Object.fromEntries(values),
      errors: [...page.querySelectorAll("#error-summary a")].map((link) => link.hash.replace("#field-", "")),
      missing: shows.filter((words) => !text.includes(plain(words))),
    }};
  }});
}}"""
#: What a browser says of a form that is sent from the page it stands on.
FROM_HERE = {
    "Sec-Fetch-Site": "same-origin",
    "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    # Nothing is gained by packing what goes nowhere.
    "Accept-Encoding": "identity",
}
#: How many answers are read at once.
MANY = 40
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Asked:
    """One request: ``body`` is urlencoded, None to only look. ``form`` is the address of the form whose values matter,
    ``shows`` what the answer must say, ``follow`` whether to read the page that it leads to."""

    path: str
    body: str | None = None
    form: str = ""
    shows: Sequence[str] = ()
    follow: bool = True


def filled(path: str, values: Mapping[str, str | bytes], *, shows: Sequence[str] = (), follow: bool = True) -> Asked:
    """A form that goes to ``path``, filled in with these values."""
    return Asked(path, urlencode(values), path, shows, follow)


@dataclass(frozen=True)
class Answer:
    """What came of a request; status 0 ``leads`` on to another page.

    ``values`` are those of its form, ``errors`` the fields that the summary names, ``posts`` and ``offers`` (those that
    wait) are on the page, and ``missing`` is what it should have said.
    """

    status: int
    leads: str
    wrong: list[str]
    posts: list[int]
    offers: list[int]
    values: dict[str, str] = field(repr=False)
    errors: list[str]
    missing: list[str]


async def send(someone: Neighbour, asked: Sequence[Asked]) -> list[Answer]:
    """Send these with somebody's cookies, and have their browser read the answers; whatever those are, they are text.

    A browser that is asked to fetch takes several times as long for it, and each request is told to the test.
    """
    cookies = {one["name"]: one["value"] for one in await someone.context.cookies(someone.origin)}
    got = await asyncio.to_thread(_get, someone.origin, cookies, asked)
    came: list[Answer] = []
    for start in range(0, len(asked), MANY):
        some = list(zip(asked, got, strict=True))[start : start + MANY]
        told = [{"html": html, "form": one.form, "shows": list(one.shows)} for one, (_, _, html) in some]
        read: list[dict[str, Any]] = await someone.page.evaluate(READ, told)
        for (_, (status, leads, _)), what in zip(some, read, strict=True):
            came.append(Answer(status=0 if leads else status, leads=leads, **what))
    for one, answer in zip(asked, came, strict=True):
        assert (answer.wrong, answer.missing) == ([], []), one
        assert answer.status < 500, one
    return came


def _get(origin: str, cookies: dict[str, str], asked: Sequence[Asked]) -> list[tuple[int, str, str]]:
    """The answers, or those of the pages that they lead to: status, where it leads on, and what it says.

    Each leads to a page that is here, whether it is followed or not.
    """
    line, got = HTTPConnection(urlsplit(origin).netloc, timeout=PATIENCE / 1000), []

    def ask(path: str, body: str | None) -> tuple[int, str, str]:
        headers = FROM_HERE | {
            "Origin": origin,
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }
        line.request("GET" if body is None else "POST", path, body, headers if body is None else headers | FORM)
        answer = line.getresponse()
        html = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie", ()):
            for name, cookie in SimpleCookie(header).items():
                cookies[name] = cookie.value
                if cookie["max-age"] == "0" or not cookie.value:
                    del cookies[name]
        if not 300 <= answer.status < 400:
            return answer.status, "", html
        leads = urljoin(f"{origin}{path}", answer.headers["Location"])
        assert leads.startswith(f"{origin}/"), (path, body, leads)
        return answer.status, leads.removeprefix(origin), html

    with closing(line):
        for one in asked:
            answer = ask(one.path, one.body)
            while answer[1] and one.follow:
                answer = ask(answer[1], None)
            got.append(answer)
    return got


def kept(payload: str) -> str:
    """A payload as a line that the board keeps: on one line, and without marks that turn the text round."""
    return " ".join(unicodedata.normalize("NFC", payload).replace("\u202e", "").replace("\u202c", "").split())


async def is_text(page: Page) -> None:
    """Check that nothing on the page was made by what somebody typed."""
    wrong = await page.evaluate(f"({WRONG})(document)")
    assert wrong == [], (page.url, wrong)


async def says(page: Page, words: Sequence[str]) -> None:
    """Check that the page says all this, as it stands here."""
    text = unicodedata.normalize("NFC", " ".join((await page.locator("main").inner_text()).split()))
    assert [one for one in words if " ".join(one.split()) not in text] == [], page.url


#: What a browser says when a form is refused, and when what comes back into the field of a date is none.
BY_ITSELF = (
    # A search as one types, which one leaves before it is answered.
    "htmx: htmx:error: Failed to fetch",
    "Failed to load resource: the server responded with a status of 4",
    "The specified value ",
)


async def nothing_happened(*people: Neighbour) -> None:
    for one in people:
        for page in one.context.pages:
            await is_text(page)
        one.eye.saw_nothing(but=BY_ITSELF)
        assert "/pwned" not in {urlsplit(url).path for url in one.eye.requests}
