"""What the commands say to the person who runs the board."""

from __future__ import annotations

import typer
from rich.console import Console

console = Console(stderr=True, highlight=False)


def say(words: str) -> None:
    console.print(words)


def fail(*sentences: str) -> typer.Exit:
    """The way to end a command that can't go on, having said why: ``raise fail("There is no such place.")``."""
    for sentence in sentences:
        console.print(f"[red]✗[/red] {sentence}")
    return typer.Exit(1)
