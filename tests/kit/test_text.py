"""People's words come out as words: no markup of theirs, no attribute but those that are ours."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from civicboard.kit import text
from civicboard.kit.fields import Line, Words
from civicboard.kit.text import excerpt, mentions, numbers, plain, quote, render, slug

TAGS = {
    "p",
    "br",
    "em",
    "strong",
    "del",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "h3",
    "h4",
    "hr",
}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<div data-hx-get="/account" data-hx-trigger="load">x</div>',
    '<div hx-get="/account" hx-trigger="load">x</div>',
    '<hx-partial hx-target="body">x</hx-partial>',
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](vbscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](https://evil.example/spy.png)",
    "![x](javascript:alert(1))",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    '[x](https://e.example "onmouseover=alert(1)")',
    '[x](https://e.example"onmouseover="alert(1))',
    '[a]: https://e.example "\'><script>alert(1)</script>"\n\n[a]',
    '```"><script>alert(1)</script>\nx\n```',
    "```x class=y data-hx-get=/z\nx\n```",
    "`<script>alert(1)</script>`",
    'https://e.example/"onmouseover="alert(1)',
    "https://e.example/<script>alert(1)</script>",
    '@bo"><script>alert(1)</script>',
    '#7"onclick=alert(1)',
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</div></body><h1 id=x class=y>",
    "<form action=/logout method=post><button>x",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>\x00alert(1)</script>",
    "\ud800<script>alert(1)</script>",
]


MARKS = ["*", "_", "`", "[", "](", "\n", "> ", "# ", "~~", "@bo", "#7"]


class Inspector(HTMLParser):
    """Fails on every tag, attribute and address that people's words may not become."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        given = dict(attrs)
        assert len(given) == len(attrs)
        if tag == "ol" and given:
            assert (given.pop("start") or "").isdigit()
        if tag == "a":
            href = given.pop("href", None)
            outside = given.pop("rel", None)
            if href is not None and href.startswith(("/", "#")):
                assert not href.startswith(("//", "/\\"))
                assert outside is None
            else:
                assert href is None or href.lower().startswith(("http:", "https:", "mailto:")), href
                assert outside == "nofollow ugc noopener"
        assert not given, given

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def inspect(html: str) -> None:
    reader = Inspector(convert_charrefs=True)
    reader.feed(html)
    reader.close()


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
def test_a_payload_stays_text(payload: str) -> None:
    inspect(render(payload))
    inspect(render(f"- > **{payload}**"))
    inspect(render(quote(payload, payload)))


@given(st.lists(st.one_of(st.sampled_from([*PAYLOADS, *MARKS]), st.text(max_size=8)), max_size=8).map("".join))
def test_whatever_is_written_is_harmless(words: str) -> None:
    inspect(render(words))
    plain(words)
    assert len(excerpt(words)) <= 200
    assert all(number < 10**9 for number in numbers(words))


def test_markdown_becomes_what_it_says() -> None:
    html = render(
        "# Title\n## Lower\n### Lowest\n\none\ntwo **b** *e* ~~d~~ `c`\n\n> said\n\n- a\n\n3. c\n\n"
        "```py\nx < 1\n```\n---"
    )
    assert str(html).replace("\n", "") == (
        "<h3>Title</h3><h4>Lower</h4><h4>Lowest</h4>"
        "<p>one<br>two <strong>b</strong> <em>e</em> <del>d</del> <code>c</code></p>"
        '<blockquote><p>said</p></blockquote><ul><li>a</li></ul><ol start="3"><li>c</li></ol>'
        "<pre><code>x &lt; 1</code></pre><hr>"
    )


def test_links_that_lead_away_say_so_and_ours_do_not() -> None:
    assert 'href="https://e.example/x" rel="nofollow ugc noopener"' in render("[x](https://e.example/x 'title')")
    assert 'href="http://www.example.org" rel="nofollow ugc noopener"' in render("see www.example.org")
    assert 'href="mailto:bo@example.org" rel="nofollow ugc noopener"' in render("bo@example.org")
    assert render("[x](/problems/7)") == '<p><a href="/problems/7">x</a></p>\n'
    assert render("[x](#post-3)") == '<p><a href="#post-3">x</a></p>\n'


def test_people_and_numbers_become_links() -> None:
    assert render("(@Bo, #7).") == '<p>(<a href="/people/bo">@Bo</a>, <a href="/problems/7">#7</a>).</p>\n'
    assert render("#12 again") == '<p><a href="/problems/12">#12</a> again</p>\n'
    assert '<strong><a href="/people/bo-2">@bo-2</a></strong>' in render("**@bo-2**")


@pytest.mark.parametrize(
    "words",
    [
        "`@bo #7`",
        "```\n@bo #7\n```",
        "    @bo #7",
        "[@bo #7](/x)",
        "https://e.example/@bo",
        "https://e.example/#7",
        "a@bo a#7",
        "*a*@bo",
        "\\@bo \\#7",
        "&#64;bo",
        "@bo@social.example",
        "#0 #007 #1234567890 #7a ##7",
        "@ # @- @_x",
    ],
)
def test_what_only_looks_like_a_reference_is_none(words: str) -> None:
    assert not mentions(words)
    assert not numbers(words)
    assert "/people/" not in render(words)
    assert "/problems/" not in render(words)


def test_mentions_are_few_and_never_those_of_a_quotation() -> None:
    assert mentions("@Ada and @bo and @ADA") == {"ada", "bo"}
    assert len(mentions(" ".join(f"@n{i}" for i in range(100)))) == 20
    assert mentions("@n0 " * 100 + "@bo") == {"n0", "bo"}
    assert mentions(quote("ask @cy about #9", "@ada") + "@bo #7") == {"ada", "bo"}
    assert numbers("#7, #999999999 and #7\n\n> #9") == {7, 999_999_999}


def test_a_quotation_holds_the_whole_of_it() -> None:
    html = render(quote("one\n\n```\ntwo", "@ada") + "mine")
    assert html.endswith("</blockquote>\n<p>mine</p>\n")
    assert "two" in html.partition("</blockquote>")[0]
    assert render(quote("x", "*Bo* @cy #7 <b>")).startswith("<p>*Bo* @cy #7 &lt;b&gt; wrote:</p>")


def test_plain_and_excerpt_are_words_alone() -> None:
    words = "# Kerb\n\nThe **kerb** at [the school](https://e.example) is\nbroken.\n\n- `a`\n- b"
    assert plain(words) == "Kerb\nThe kerb at the school is\nbroken.\na\nb"
    assert excerpt(words) == "Kerb The kerb at the school is broken. a b"
    assert excerpt(words, 20) == "Kerb The kerb at…"
    assert excerpt("one, two", 5) == "one…"
    assert excerpt("a" * 300) == "a" * 199 + "…"
    assert excerpt("") == ""


@given(st.text(), st.integers(2, 80))
def test_an_excerpt_is_never_longer(words: str, length: int) -> None:
    assert len(excerpt(words, length)) <= length


def test_slugs_are_readable() -> None:
    assert slug("  Broken kerb — Łódź Street's 2nd!  ") == "broken-kerb-lodz-streets-2nd"
    assert slug("Straße, Ærø, naïve œuvre") == "strasse-aero-naive-oeuvre"
    assert slug("道路") == "problem"
    assert slug("", "place") == "place"
    assert slug("word " * 40) == "-".join(["word"] * 12)


@given(st.text())
def test_a_slug_is_ascii_short_and_never_empty(title: str) -> None:
    made = slug(title)
    assert 0 < len(made) <= 60
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not made.startswith("-")
    assert not made.endswith("-")


def test_long_texts_are_not_kept_in_memory() -> None:
    text._render_cached.cache_clear()
    render("short")
    render("short")
    render("long " * 5000)
    kept = text._render_cached.cache_info()
    assert (kept.currsize, kept.hits) == (1, 1)
    assert kept.maxsize is not None


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "*a_ ",
        "a**b",
        "`",
        "> ",
        "- ",
        "http://a.b/(",
        "http://",
        "www.",
        "a@b.c ",
        "@a",
        "<",
        "[a](<b",
        "[[a]",
        "[a][",
        ":",
        "a\n",
        "&",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    words = (piece * 20_000)[:20_000]
    started = time.process_time()
    render(words)
    assert time.process_time() - started < 3  # a slow machine, but nothing that grows with the square of it


class Form(BaseModel):
    title: Annotated[Line, Field(min_length=1, max_length=20)] = "x"
    story: Annotated[Words, Field(max_length=100)] = ""


def test_a_line_is_tidied() -> None:
    assert Form(title="  a \t b\r\n c  ").title == "a b c"
    assert Form(title="cafe\u0301").title == "caf\u00e9"
    assert Form(title="a\u202eb\u2066c").title == "abc"
    assert Form(title=" " * 50 + "a").title == "a"


def test_words_are_tidied() -> None:
    assert Form(story="\r\n a  \r\nb\rc\x0bd\n\n").story == " a\nb\nc\nd"
    assert Form(story="- x\n\ty").story == "- x\n\ty"


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u200d", "\u202e", "a" * 21])
def test_a_line_that_is_empty_to_the_eye_or_long_is_refused(title: str) -> None:
    with pytest.raises(ValidationError):
        Form(title=title)


@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x1b", "\x7f", "\x80", "\ud800", chr(0xDFFF)], ids=ascii)
@pytest.mark.parametrize("field", ["title", "story"])
def test_characters_that_cannot_be_kept_are_refused_in_plain_words(field: str, bad: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Form.model_validate({field: f"a{bad}b"})
    (error,) = refused.value.errors()
    assert error["type"] == "bad_character"
    assert "can't be kept" in error["msg"]


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(), max_size=40))
def test_a_field_takes_a_text_or_refuses_it(raw: str) -> None:
    for field in ("title", "story"):
        try:
            kept = getattr(Form.model_validate({field: raw}), field)
        except ValidationError:
            continue
        assert kept == getattr(Form.model_validate({field: kept}), field)
        kept.encode()
        assert "\x00" not in kept
        assert field == "story" or "\n" not in kept
