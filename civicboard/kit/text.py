"""People's words: Markdown to safe HTML, to plain text, to an address, and as they are searched for."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.linkify import linkify
from markdown_it.rules_inline import StateInline, link
from markdown_it.rules_inline.linkify import linkify as linkify_inline
from markdown_it.token import Token
from markupsafe import Markup

from civicboard.kit.links import is_local

#: Where an ``@handle`` and a ``#7`` lead.
HANDLE_ADDRESS = "/people/{}"
NUMBER_ADDRESS = "/problems/{}"

#: A handle as it is written after the ``@``; case doesn't count.
HANDLE = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?"
MOST_MENTIONS = 20
MOST_BARE_LINKS = 300
MOST_BRACKETS = 300
CACHED_BELOW = 20_000

_REFERENCE = re.compile(rf"(?<![\w@#/&.-])(?:@(?P<handle>{HANDLE})(?![\w@-])|#(?P<number>[1-9][0-9]{{0,8}})(?![\w#]))")
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def _link_bare(state: StateCore) -> None:
    """Bare addresses become links, unless there are absurdly many: looking for them is quadratic."""
    if state.env["few_links"]:
        linkify(state)


def _link_bare_inline(state: StateInline, silent: bool) -> bool:
    return bool(state.env["few_links"]) and linkify_inline(state, silent)


def _link(state: StateInline, silent: bool) -> bool:
    """``[words](address)``, unless there are absurdly many brackets: looking for the ends of them is quadratic too."""
    return bool(state.env["few_brackets"]) and link(state, silent)


def _env(markdown: str) -> dict[str, Any]:
    """What the rules need to know of the whole text."""
    links = markdown.count("//") + markdown.count("@") + markdown.count("www.")
    return {"few_links": links <= MOST_BARE_LINKS, "few_brackets": markdown.count("[") <= MOST_BRACKETS}


def _finish(state: StateCore) -> None:
    """Turn references into links, lower the headings, and mark the links that lead away.

    It runs before ``text_join``, while an escaped ``\\@`` is still a token of its own: an escape stays plain
    text.
    """
    state.env["handles"], state.env["numbers"] = [], []
    quoted = 0
    for token in state.tokens:
        if token.type in ("blockquote_open", "blockquote_close"):
            quoted += token.nesting
        elif token.type in ("heading_open", "heading_close"):
            token.tag = "h3" if token.tag == "h1" else "h4"
        elif token.type == "inline" and token.children:
            token.children = _finish_inline(token.children, state.env, quoted > 0)


def _finish_inline(children: list[Token], env: Any, quoted: bool) -> list[Token]:
    done: list[Token] = []
    in_link, before = False, ""
    for token in children:
        if token.type in ("link_open", "link_close"):
            in_link = token.nesting > 0
            if in_link and not _own(str(token.attrs.get("href", ""))):
                token.attrs["rel"] = "nofollow ugc noopener"
        elif token.type in ("s_open", "s_close"):
            token.tag = "del"
        elif token.type == "text" and not in_link:
            done += _split(token, before, env, quoted)
            before = token.content[-1:] or before
            continue
        elif token.type in ("softbreak", "hardbreak"):
            before = ""
        before = token.content[-1:] or before
        done.append(token)
    return done


def _split(token: Token, before: str, env: Any, quoted: bool) -> list[Token]:
    """One text token as text and links. ``before`` is the letter ahead: ``a*b*@c`` is one word."""
    parts: list[Token] = []
    text, start = before + token.content, len(before)
    for found in _REFERENCE.finditer(text, start):
        handle, number = found["handle"], found["number"]
        # Whom somebody else named in the quoted words has been told already.
        if handle and not quoted:
            env["handles"].append(handle.lower())
        elif number and not quoted:
            env["numbers"].append(int(number))
        href = HANDLE_ADDRESS.format(handle.lower()) if handle else NUMBER_ADDRESS.format(number)
        parts += [
            _text(text[start : found.start()], token.level),
            Token("link_open", "a", 1, attrs={"href": href}),
        ]
        parts += [_text(found[0], token.level + 1), Token("link_close", "a", -1)]
        start = found.end()
    return [part for part in (*parts, _text(text[start:], token.level)) if part.type != "text" or part.content]


def _text(content: str, level: int) -> Token:
    return Token("text", "", 0, content=content, level=level)


def _own(href: str) -> bool:
    return href.startswith("#") or is_local(href)


def _parser() -> MarkdownIt:
    # People press Enter for a new line and mean it.
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, "xhtmlOut": False})
    parser.enable(["linkify", "strikethrough"]).disable(["image", "html_block", "html_inline"])
    parser.core.ruler.at("linkify", _link_bare)
    parser.inline.ruler.at("linkify", _link_bare_inline)
    parser.inline.ruler.at("link", _link)
    parser.core.ruler.before("text_join", "references", _finish)
    return parser


_MARKDOWN = _parser()
_TAGS = (
    "p", "br", "em", "strong", "del", "a", "ul", "ol", "li", "blockquote", "code", "pre", "h3", "h4", "hr"
)  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    attributes={"a": {"href"}, "ol": {"start"}, "*": set()},  # the library lets title and lang by otherwise
    tag_attribute_values={"a": {"rel": {"nofollow ugc noopener"}}},
    link_rel=None,  # ours is put on outside links alone
    url_schemes={"http", "https", "mailto"},
    url_relative=lambda url: url if _own(url) else None,
)


def render(markdown: str) -> Markup:
    """Markdown as safe HTML: paragraphs, lists, quotes, code, small headings and links, nothing else.

    Never raises. The template puts it inside ``hx-ignore``.
    """
    return _render_cached(markdown) if len(markdown) < CACHED_BELOW else _render(markdown)


def _render(markdown: str) -> Markup:
    # nh3 has the last word, so a mistake above it can't reach a page.
    return Markup(_CLEANER.clean(_MARKDOWN.render(_storable(markdown), _env(markdown))))  # noqa: S704


_render_cached = lru_cache(maxsize=512)(_render)


def _parse(markdown: str) -> tuple[list[Token], dict[str, Any]]:
    env = _env(markdown)
    return _MARKDOWN.parse(_storable(markdown), env), env


def _storable(text: str) -> str:
    """Lone surrogates as question marks: neither UTF-8 nor nh3 can hold them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def plain(markdown: str) -> str:
    """The words alone, one line a block and a line break, without marks or addresses."""
    blocks = []
    for token in _parse(markdown)[0]:
        if token.type == "inline":
            blocks.append("".join(_words_of(child) for child in token.children or ()))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content)
    return "\n".join(block.strip("\n") for block in blocks if block.strip())


def _words_of(token: Token) -> str:
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content


def excerpt(markdown: str, length: int = 200) -> str:
    """The first words on one line, at most ``length`` characters with the ellipsis of what is cut."""
    line = " ".join(plain(markdown).split())
    if len(line) <= length:
        return line
    cut = line[:length]
    whole = cut.rpartition(" ")[0] or cut[: length - 1]
    return whole.rstrip(" ,;:.-\N{EN DASH}\N{EM DASH}") + _ELLIPSIS


_LETTERS = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "ı": "i",
        "'": "",
        "’": "",
    }
)


def slug(title: str, empty: str = "problem") -> str:
    """The readable part of an address: ASCII, at most 60 characters; ``empty`` when nothing is left."""
    lowered = unicodedata.normalize("NFKD", title).lower().translate(_LETTERS)
    letters = "".join(c for c in lowered if not unicodedata.combining(c))
    words = re.findall(r"[a-z0-9]+", letters)
    cut = "-".join(words)
    if len(cut) > 60:
        cut = cut[:61].rpartition("-")[0] or cut[:60]
    return cut or empty


def mentions(markdown: str) -> frozenset[str]:
    """Handles named, in lower case.

    The first 20, so that nobody calls the whole town. Not those in a quotation.
    """
    handles: list[str] = _parse(markdown)[1]["handles"]
    return frozenset(list(dict.fromkeys(handles))[:MOST_MENTIONS])


def numbers(markdown: str) -> frozenset[int]:
    """Numbers referred to as ``#7``. Not those in a quotation."""
    return frozenset(_parse(markdown)[1]["numbers"])


def quote(markdown: str, who: str) -> str:
    """Another's words as a Markdown quotation. An ``@handle`` stays a mention; other names are only names."""
    name = who if re.fullmatch(f"@{HANDLE}", who) else re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(who.split()))
    lines = markdown.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return f"{name} wrote:\n\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


#: Quotes as phones type them, and as the page's own hint shows them, are quotes to PostgreSQL too.
_STRAIGHT = str.maketrans("“”„", '"' * 3)


def searchable(words: str) -> str:
    """Words that are searched for, as ``websearch_to_tsquery`` takes them."""
    return words.translate(_STRAIGHT)
