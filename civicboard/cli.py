"""The ``civicboard`` command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from civicboard import __version__
from civicboard.settings import BadSettings, Settings, load

app = typer.Typer(
    help="Civicboard: a board where the people of a place solve its problems together.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
importing = typer.Typer(help="Bring in what others have.", no_args_is_help=True)
app.add_typer(importing, name="import")
console = Console(stderr=True, highlight=False)


def say(words: str) -> None:
    console.print(words)


def fail(*sentences: str) -> typer.Exit:
    for sentence in sentences:
        console.print(f"[red]✗[/red] {sentence}")
    return typer.Exit(1)


def read_settings() -> Settings:
    from civicboard.kit import logs

    try:
        settings = load()
    except BadSettings as bad:
        raise fail(*bad.problems) from None
    logs.configure(json=settings.log_json, level=settings.log_level)
    return settings


@contextlib.contextmanager
def with_database(settings: Settings):  # type: ignore[no-untyped-def]
    """The settings, with the address of a running database in them and in the environment."""
    from civicboard.kit.postgres_programs import EmbeddedError
    from civicboard.serving import database_up

    try:
        with database_up(settings) as url:
            os.environ["DATABASE_URL"] = url
            yield settings.model_copy(update={"database_url": url})
    except EmbeddedError as error:
        raise fail(f"The embedded database can't start: {error}") from None


def free_port(wanted: int) -> int:
    """The port after the board's, or any free one."""
    for port in (wanted, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = trial.getsockname()[1]
            return found
    raise fail("There is no free port for the demo's sign-in.")


def answers(origin: str, *, seconds: float) -> bool:
    """Whether something listens at this origin, waiting for it so long."""
    import time
    from urllib.parse import urlsplit

    parts, until = urlsplit(origin), time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((parts.hostname, parts.port), 1):
            return True
        time.sleep(0.05)
    return False


@app.command()
def serve(
    worker: Annotated[
        bool | None, typer.Option(help="Run the clock's jobs beside it (in development by default).")
    ] = None,
) -> None:
    """Serve the board. Starts its own PostgreSQL unless DATABASE_URL names one."""
    from civicboard.serving import beside, run_web

    settings = read_settings()
    if settings.production and (unsafe := settings.unsafe()):
        raise fail(*unsafe)
    with contextlib.ExitStack() as others:
        issuer = settings.demo_issuer
        if settings.demo and not issuer:
            # It takes a second or two to start, while the database does the same.
            port = free_port(settings.port + 1)
            issuer = os.environ["CIVICBOARD_DEMO_ISSUER"] = f"http://127.0.0.1:{port}"
            os.environ.setdefault("CIVICBOARD_BOARD_NAME", "Millbrook")
            others.enter_context(beside("demo-provider", "--port", str(port), "--board", settings.origin))
        settings = others.enter_context(with_database(settings))
        if settings.production:
            from civicboard.commands.doctor import refuse_to_start

            if wrong := asyncio.run(refuse_to_start(settings)):
                raise fail(*wrong)
        else:
            asyncio.run(_migrate(settings))
        if settings.demo:
            asyncio.run(_fill_demo(settings, issuer))
        if worker if worker is not None else not settings.production:
            others.enter_context(beside("worker", "--with-parent"))
        if settings.demo and not answers(issuer, seconds=30):
            say("The demo's sign-in has not started. The board works, but nobody can sign in with it.")
        # uvicorn passes the signal on once it has stopped: then the database and the others beside us stop too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        say(f"[green]✓[/green] The board is at [bold]{settings.origin}[/bold]  (Ctrl+C stops it)")
        run_web(load())


@app.command()
def worker(with_parent: Annotated[bool, typer.Option(hidden=True)] = False) -> None:
    """Do the clock's jobs: tidying up, for now."""
    from civicboard.serving import end_with_parent
    from civicboard.worker import run

    settings = read_settings()
    if with_parent:
        end_with_parent()
    with with_database(settings) as settings:
        asyncio.run(run(settings))


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    with with_database(read_settings()) as settings:
        asyncio.run(_migrate(settings))


async def _migrate(settings: Settings) -> None:
    from civicboard.kit import migrations
    from civicboard.kit.database import Database

    database = Database(settings.database_url, pool_size=1)
    try:
        before, now = await migrations.migrate(database)
    except OSError as error:
        raise fail(f"The database can't be reached: {error}. `civicboard doctor` may know more.") from None
    finally:
        await database.close()
    if before == now:
        say(f"[green]✓[/green] The database is up to date ({now}).")
    else:
        say(f"[green]✓[/green] The database went from {before or 'empty'} to {now}.")


@app.command()
def demo() -> None:
    """Fill an empty board with the demo neighbourhood."""
    settings = read_settings()
    if settings.production:
        raise fail("This is a production board: the demo neighbourhood doesn't belong there.")
    with with_database(settings) as settings:
        asyncio.run(_migrate(settings))
        asyncio.run(_fill_demo(settings, settings.demo_issuer))


async def _fill_demo(settings: Settings, issuer: str) -> None:
    from civicboard.demo.filling import Neighbourhood, adopt_issuer, is_empty
    from civicboard.kit.clock import wall_clock
    from civicboard.kit.database import Database

    database = Database(settings.database_url, pool_size=2)
    try:
        if await is_empty(database):
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task("Filling the board with the demo neighbourhood", total=None)
                async for done, total in Neighbourhood(database, wall_clock()).fill():
                    progress.update(task, completed=done, total=total)
            say("[green]✓[/green] The demo neighbourhood has moved in.")
        if issuer:
            await adopt_issuer(database, issuer)
    finally:
        await database.close()


@app.command(hidden=True)
def demo_provider(
    port: Annotated[int, typer.Option()],
    board: Annotated[list[str], typer.Option(help="The origin of a board.")],
) -> None:
    """Serve the demo's identity provider, for trying the board out on this machine only."""
    import uvicorn

    from civicboard.demo import FOLDER
    from civicboard.demo.provider import Client, Person, create_provider, read_cast
    from civicboard.serving import end_with_parent

    settings = read_settings()
    if settings.production:
        raise fail("The demo identity provider lets anybody sign in as anybody: not in production.")
    end_with_parent()
    client = Client(
        client_id="civicboard",
        client_secret="demo",  # noqa: S106  # it says so
        redirect_uris=tuple(f"{origin}/login/demo/callback" for origin in board),
        post_logout_redirect_uris=tuple(f"{origin}/" for origin in board),
        backchannel_logout_uri=f"{board[0]}/login/demo/logout",
    )
    newcomer = Person("demo-newcomer", "newcomer", "Somebody new", "Has no account yet: see how joining works")
    provider = create_provider(
        f"http://127.0.0.1:{port}",
        [client],
        [*read_cast(FOLDER / "people.json"), newcomer],
        settings.data / "demo-key.pem",
    )
    uvicorn.run(provider, host="127.0.0.1", port=port, log_config=None, access_log=False)


@importing.command()
def reports(
    file: Annotated[Path, typer.Argument(help="JSON Lines with Open311 field names, one report a line.")],
    source: Annotated[str, typer.Option(help="Where they come from; by default the file's name.")] = "",
) -> None:
    """Bring in real reports. Doing it twice changes nothing; bad rows are named and left out."""
    from civicboard.commands.imports import import_reports

    with with_database(read_settings()) as settings:
        asyncio.run(_migrate(settings))
        outcome = asyncio.run(import_reports(settings, file, source or file.stem, console))
    raise typer.Exit(0 if outcome.succeeded else 1)


@app.command()
def place(
    name: Annotated[str, typer.Argument(help="As people call it: Brook Lane.")],
    kind: Annotated[str, typer.Option(help="town, ward, neighbourhood, street or what you like.")] = "neighbourhood",
    within: Annotated[str, typer.Option("--in", help="The name of the place that it is part of.")] = "",
    about: Annotated[str, typer.Option(help="A sentence about it.")] = "",
) -> None:
    """Add a place that people can choose, or change the one of this name."""
    with with_database(read_settings()) as settings:
        asyncio.run(_migrate(settings))
        asyncio.run(_put_place(settings, name, kind, within, about))


async def _put_place(settings: Settings, name: str, kind: str, within: str, about: str) -> None:
    from civicboard.kit.database import Database
    from civicboard.kit.text import slug
    from civicboard.kit.work import Desk
    from civicboard.places.actions import put_place
    from civicboard.places.queries import find_place_named

    database = Database(settings.database_url, pool_size=1)
    try:
        async with Desk(database).writing() as work:
            parent = await find_place_named(work, within) if within else None
            if within and parent is None:
                raise fail(f"There is no place called {within} yet. Add it first.")
            if parent is not None and parent.slug == slug(name, "place"):
                raise fail("A place can't be part of itself.")
            parent_id = parent.id if parent else None
            await put_place(work, slug=slug(name, "place"), name=name, kind=kind, parent_id=parent_id, about=about)
    finally:
        await database.close()
    say(f"[green]✓[/green] {name} is on the board.")


@app.command()
def doctor(online: Annotated[bool, typer.Option(help="Also ask the sign-in providers.")] = False) -> None:
    """Say in plain words what is wrong, and how to mend it."""
    from civicboard.commands.doctor import examine

    settings = read_settings()
    with with_database(settings) as settings:
        findings = asyncio.run(examine(settings, online=online))
    for finding in findings:
        mark = "[green]✓[/green]" if finding.ok else "[red]✗[/red]"
        console.print(f"{mark} {finding.says}{'' if finding.ok else f' {finding.mend}'}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def version() -> None:
    """Say which version this is."""
    print(__version__)


def main() -> None:
    """The entry point. Ctrl+C is not an error."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
