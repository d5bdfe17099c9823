"""What is shown of an event: which renderers declared it, on which topics, and what they make of it."""

from __future__ import annotations

import contextlib
import inspect
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from civicboard.kit.outbox import Derived, Event, Happened
from civicboard.kit.partials import Fragment
from civicboard.kit.work import Missing, Work

log = structlog.get_logger()

Shown = Fragment | Sequence[Fragment] | None
Renderer = Callable[..., Awaitable[Shown]]
#: What events of one kind, which name no page, mean for the topics that are open here.
Derivation = Callable[[Work, Sequence[Any], Collection[str]], Awaitable[Sequence[Derived]]]


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
        self.derivations: dict[type[Event], list[Derivation]] = defaultdict(list)
        self.given: dict[Renderer, dict[str, object]] = {}
        for renderer in renderers:
            asked = inspect.signature(renderer).parameters.values()
            self.given[renderer] = {one.name: given[one.name] for one in asked if one.kind is one.KEYWORD_ONLY}
            for declared in renderer.shows:  # type: ignore[attr-defined]  # as marked
                self.by_event[declared.event].append((declared, renderer))

    @property
    def personal(self) -> list[str]:
        """The kinds of events that are shown on one person's own topics only."""
        return [
            event.__name__
            for event, declared in self.by_event.items()
            if all("{person_id}" in shown.topic for shown, _ in declared)
        ]

    async def derived(self, work: Work, found: Iterable[Happened], topics: Collection[str]) -> list[Happened]:
        """What these events mean for the topics, where they don't name them: each kind is asked once for all of it."""
        of_kind: dict[type[Event], list[Happened]] = defaultdict(list)
        for happened in found:
            if happened.event is not None and type(happened.event) in self.derivations:
                of_kind[type(happened.event)].append(happened)
        derived: list[Happened] = []
        for kind, happenings in of_kind.items():
            for derive in self.derivations[kind]:
                with self._guarded(kind, derive):
                    made = await derive(work, [happened.event for happened in happenings], topics)
                    derived += [replace(happenings[-1], event=one) for one in made]
        return derived

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
            result: Shown = None
            with self._guarded(type(event), renderer):
                result = await renderer(work, event, **self.given[renderer])
            shown += [result] if isinstance(result, Fragment) else result or ()
        return by_place(shown)

    @staticmethod
    @contextlib.contextmanager
    def _guarded(kind: type[Event], function: Callable[..., object]) -> Iterator[None]:
        """One that fails, on what a newer version wrote perhaps, must not stop the others."""
        try:
            yield
        except Missing:
            pass  # gone since, or no longer for everybody: nothing to show
        except (SQLAlchemyError, OSError):
            raise  # the database is away: the sweep looks again
        except Exception:
            log.exception("renderer_failed", kind=kind.__name__, renderer=getattr(function, "__name__", "?"))

    def _of(self, event: Event) -> list[tuple[str, Renderer, object]]:
        """Each topic that an event is shown on, how, and what the result depends on."""
        facts = vars(event)
        return [
            (declared.topic.format_map(facts), renderer, facts[declared.about] if declared.about else event)
            for declared, renderer in self.by_event.get(type(event), ())
        ]
