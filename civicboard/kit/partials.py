"""Partials: a piece of a page and its place, the same for the page, the response and the broadcast (decision 0004)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from civicboard.kit.viewer import initials


@dataclass(frozen=True, slots=True)
class Fragment:
    """A partial with its place on the page.

    ``target`` is a CSS selector; ``swap`` is ``upsert`` (replace the element of the same id wherever it stands, else
    add it to the target in the order of its ``data-order``) or one of htmx's own. ``key`` is the DOM id of what
    moved, so that the page can let it glow; ``say`` is a sentence for people who don't see it.
    """

    template: str
    context: Mapping[str, Any]
    target: str
    swap: str = "upsert"
    key: str = ""
    say: str = ""
    #: Whether what has the highest ``data-order`` stands first among what is upserted.
    newest_first: bool = False


@dataclass
class Pages:
    """The templates, rendered under StrictUndefined: a partial that asks for a viewer it wasn't given raises."""

    folder: Path
    cached: dict[tuple[Any, ...], Markup] = field(default_factory=dict)
    #: What is kept, in letters: a card has one thousand, a long story sixty.
    most_letters: int = 16_000_000
    letters: int = 0

    def __post_init__(self) -> None:
        self.environment = Environment(
            loader=FileSystemLoader(self.folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.loopcontrols"],
        )
        self.environment.filters["initials"] = initials

    def render(self, template: str, context: Mapping[str, Any]) -> str:
        return self.environment.get_template(template).render(context)

    def found(self, template: str, key: Iterable[Any]) -> Markup | None:
        """The partial if it is kept for this key."""
        return self.cached.get((template, *key))

    def kept(self, template: str, key: tuple[Any, ...], context: Callable[[], Mapping[str, Any]]) -> Markup:
        """The partial as rendered before for this key, which names the thing and its version, or rendered now.

        Only for partials that hold nothing of the viewer's own.
        """
        full_key = (template, *key)
        html = self.cached.get(full_key)
        if html is None:
            html = Markup(self.render(template, context()))  # noqa: S704  # rendered with autoescape
            self.cached[full_key] = html
            self.letters += len(html)
            while self.letters > self.most_letters:
                # The first was kept longest ago. A page that still shows it renders it anew.
                self.letters -= len(self.cached.pop(next(iter(self.cached))))
        return html

    def envelope(self, fragment: Fragment) -> str:
        """The partial wrapped so that htmx puts it in its place, from a response or from the socket."""
        html = self.render(fragment.template, fragment.context)
        target = escape(fragment.target)
        if fragment.swap == "upsert":
            sort = 'sort="desc"' if fragment.newest_first else "sort"
            return f'<hx-upsert hx-target="{target}" key="data-order" {sort}>{html}</hx-upsert>'
        return f'<hx-partial hx-target="{target}" hx-swap="{escape(fragment.swap)}">{html}</hx-partial>'

    def message(self, fragments: Iterable[Fragment], cursor: str) -> str:
        """What goes over a socket: always this JSON, always built here, so that nobody's words are ever an envelope."""
        fragments = list(fragments)
        return json.dumps(
            {
                "content": "".join(self.envelope(fragment) for fragment in fragments),
                "cursor": cursor,
                "keys": [fragment.key for fragment in fragments if fragment.key],
                "say": [(fragment.key, fragment.say) for fragment in fragments if fragment.say],
            },
            ensure_ascii=False,  # half the bytes for most of the world's letters
        )
