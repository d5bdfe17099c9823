"""What is shown of an event: which renderers declared it, on which topics, and what they make of it."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from civicboard.kit.outbox import Event, Happened
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Missing, Work

log = structlog.get_logger()

Shown = Fragment | Sequence[Fragment] | None
Renderer = Callable[..., Awaitable[Shown]]
#: What an event that names no page means for those topics: events that no table holds, made where a page is open.
Unfolding = Callable[[Work, Any, Collection[str]], Awaitable[Sequence[Event]]]


@dataclass(frozen=True, slots=True)
class Shows:
    """What a live renderer declares: on which event it runs, and which topic gets what it renders."""

    event: type[Event]
    topic: str
    #: The field that what is shown depends on: many events about one thing are rendered once.
    about: str = ""


def shows(*events: type[Event], on: str, about: str = "") -> Callable[[Renderer], Renderer]:
    """Mark a function as showing these events on a topic, as in ``on="problem:{problem_id}"``.

    ``about`` names the one field that the result depends on, so that a burst about one thing is rendered once.
    """

    def mark(renderer: Renderer) -> Renderer:
        shown = [Shows(event, on, about) for event in events]
        renderer.shows = [*getattr(renderer, "shows", []), *shown]  # type: ignore[attr-defined]  # it is put on here
        return renderer

    return mark


def by_place(fragments: Iterable[Fragment]) -> list[Fragment]:
    """Each piece once: of several in one place, the last."""
    return list({(one.template, one.target, one.key): one for one in fragments}.values())


class Renderers:
    """The functions marked by ``shows``, by the events that they show.

    Each is called with the work and the event, and with whatever of ``given`` it asks for by name alone.
    """

    def __init__(self, renderers: Iterable[Renderer], **given: object) -> None:
        self.by_event: dict[type[Event], list[tuple[Shows, Renderer]]] = defaultdict(list)
        self.unfoldings: dict[type[Event], list[Unfolding]] = defaultdict(list)
        self.given: dict[Renderer, dict[str, object]] = {}
        for renderer in renderers:
            asked = inspect.signature(renderer).parameters.values()
            self.given[renderer] = {one.name: given[one.name] for one in asked if one.kind is one.KEYWORD_ONLY}
            for declared in renderer.shows:  # type: ignore[attr-defined]  # as marked
                self.by_event[declared.event].append((declared, renderer))

    async def unfold(self, work: Work, found: Iterable[Happened], topics: Collection[str]) -> list[Happened]:
        """These events, each followed by what it means for these topics."""
        unfolded: list[Happened] = []
        for happened in found:
            unfolded.append(happened)
            if happened.event is not None:
                for make in self.unfoldings.get(type(happened.event), ()):
                    unfolded += [replace(happened, event=one) for one in await make(work, happened.event, topics)]
        return unfolded

    def topics_of(self, event: Event) -> set[str]:
        """Every topic that an event is shown on."""
        return {name for name, _, _ in self._of(event)}

    async def render(self, work: Work, found: Iterable[Happened], topic: str) -> list[Fragment]:
        """What a topic's audience gets to see of these events: each thing once, as it stands now."""
        asked: dict[tuple[Renderer, object], Event] = {}
        for happened in found:
            for name, renderer, about in self._of(happened.event) if happened.event else ():
                if name == topic and happened.event:
                    asked.setdefault((renderer, about), happened.event)
        shown: list[Fragment] = []
        for (renderer, _), event in asked.items():
            try:
                result = await renderer(work, event, **self.given[renderer])
            except Missing:
                continue  # gone since, or no longer for everybody: nothing to show
            except (SQLAlchemyError, OSError):
                raise  # the database is away: the sweep looks again
            except Exception:  # one that fails, on what a newer version wrote perhaps, must not stop the others
                log.exception("renderer_failed", kind=type(event).__name__, renderer=renderer.__name__)
                continue
            shown += [result] if isinstance(result, Fragment) else result or ()
        return by_place(shown)

    def _of(self, event: Event) -> list[tuple[str, Renderer, object]]:
        """Each topic that an event is shown on, how, and what the result depends on."""
        facts = vars(event)
        return [
            (declared.topic.format_map(facts), renderer, facts[declared.about] if declared.about else event)
            for declared, renderer in self.by_event.get(type(event), ())
        ]
