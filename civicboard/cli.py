"""The ``civicboard`` command."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from civicboard import __version__
from civicboard.commands.console import console, fail, say
from civicboard.settings import BadSettings, Settings, load

app = typer.Typer(
    help="Civicboard: a board where the people of a place solve its problems together.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
organisations = typer.Typer(help="Councils, groups, businesses, and who looks after them.", no_args_is_help=True)
app.add_typer(organisations, name="organisation")
importing = typer.Typer(help="Bring in what others have.", no_args_is_help=True)
app.add_typer(importing, name="import")
vocabulary = typer.Typer(help="The words for what people can do.", no_args_is_help=True)
app.add_typer(vocabulary, name="skills")


def read_settings() -> Settings:
    from civicboard.kit import logs

    try:
        settings = load()
    except BadSettings as bad:
        raise fail(*bad.problems) from None
    logs.configure(json=settings.log_json, level=settings.log_level)
    return settings


@contextlib.contextmanager
def with_database(settings: Settings) -> Iterator[Settings]:
    """The settings, with the address of a running database in them and in the environment."""
    from civicboard.kit.embedded import EmbeddedError
    from civicboard.serving import database_up

    try:
        with database_up(settings) as url:
            os.environ["DATABASE_URL"] = url
            yield settings.model_copy(update={"database_url": url})
    except EmbeddedError as error:
        raise fail(f"The embedded database can't start: {error}") from None


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
            from civicboard.commands.demo import free_port

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
            _migrate(settings)
        if settings.demo:
            _fill_demo(settings, issuer)
        if worker if worker is not None else not settings.production:
            others.enter_context(beside("worker", "--with-parent"))
        if settings.demo and not _answers(issuer):
            say("The demo's sign-in has not started. The board works, but nobody can sign in with it.")
        # uvicorn passes the signal on once it has stopped: then the database and the others beside us stop too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        say(f"[green]✓[/green] The board is at [bold]{settings.origin}[/bold]  (Ctrl+C stops it)")
        run_web(load())


@app.command()
def worker(with_parent: Annotated[bool, typer.Option(hidden=True)] = False) -> None:
    """Do what is due by the clock, and what deeds have left for later, until told to stop."""
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
        _migrate(settings)


def _migrate(settings: Settings) -> None:
    from civicboard.commands.migrating import migrate_database

    asyncio.run(migrate_database(settings))


@app.command()
def demo() -> None:
    """Fill an empty board with the demo neighbourhood."""
    settings = read_settings()
    if settings.production:
        raise fail("This is a production board: the demo neighbourhood doesn't belong there.")
    with with_database(settings) as settings:
        _migrate(settings)
        _fill_demo(settings, settings.demo_issuer)


def _fill_demo(settings: Settings, issuer: str) -> None:
    from civicboard.commands.demo import fill_demo

    asyncio.run(fill_demo(settings, issuer))


def _answers(issuer: str) -> bool:
    from civicboard.commands.demo import answers

    return answers(issuer, seconds=30)


@app.command(hidden=True)
def demo_provider(
    port: Annotated[int, typer.Option()],
    board: Annotated[list[str], typer.Option(help="The origin of a board.")],
) -> None:
    """Serve the demo's identity provider, for trying the board out on this machine only."""
    from civicboard.commands.demo_provider import serve_provider
    from civicboard.serving import end_with_parent

    settings = read_settings()
    if settings.production:
        raise fail("The demo identity provider lets anybody sign in as anybody: not in production.")
    end_with_parent()
    serve_provider(settings, port, board)


@importing.command()
def reports(
    file: Annotated[Path, typer.Argument(help="JSON Lines with Open311 field names, one report a line.")],
    source: Annotated[str, typer.Option(help="Where they come from; by default the file's name.")] = "",
) -> None:
    """Bring in real reports. Doing it twice changes nothing; bad rows are named and left out."""
    from civicboard.commands.imports import import_reports

    with with_database(read_settings()) as settings:
        _migrate(settings)
        outcome = asyncio.run(import_reports(settings, file, source or file.stem, console))
    raise typer.Exit(0 if outcome.succeeded else 1)


@vocabulary.command("import")
def import_words(
    file: Annotated[Path, typer.Argument(help="A JSON list of objects with tag, synonyms and about.")],
) -> None:
    """Add words for what people can do, or change those of the same tag; the others stay."""
    from civicboard.commands.vocabulary import import_vocabulary, read_words

    words = read_words(file)
    with with_database(read_settings()) as settings:
        _migrate(settings)
        asyncio.run(import_vocabulary(settings, words))


@vocabulary.command("export")
def export_words() -> None:
    """Write all the words for what people can do, as JSON that can be imported again."""
    from civicboard.commands.vocabulary import export_vocabulary

    with with_database(read_settings()) as settings:
        print(asyncio.run(export_vocabulary(settings)))


@app.command()
def place(
    name: Annotated[str, typer.Argument(help="As people call it: Brook Lane.")],
    kind: Annotated[str, typer.Option(help="town, ward, neighbourhood, street or what you like.")] = "neighbourhood",
    within: Annotated[str, typer.Option("--in", help="The name of the place that it is part of.")] = "",
    about: Annotated[str, typer.Option(help="A sentence about it.")] = "",
) -> None:
    """Add a place that people can choose, or change the one of this name."""
    from civicboard.commands.places import add_place

    with with_database(read_settings()) as settings:
        _migrate(settings)
        asyncio.run(add_place(settings, name, kind, within, about))


@organisations.command("add")
def add_organisation(
    name: Annotated[str, typer.Argument(help="As people call it: Millbrook Council.")],
    kind: Annotated[
        str, typer.Option(help="council, department, ward_office, group, business, university, newspaper or blog.")
    ] = "",
    within: Annotated[str, typer.Option(help="The name of the organisation that it is part of.")] = "",
    about: Annotated[str | None, typer.Option(help="A few sentences about it.")] = None,
    website: Annotated[str | None, typer.Option(help="Its address, with https://.")] = None,
    domain: Annotated[list[str] | None, typer.Option(help="Whoever has a verified address there may join.")] = None,
    claim: Annotated[
        list[str] | None, typer.Option(help="'ISSUER CLAIM VALUE': whoever's sign-in says so may join.")
    ] = None,
    steward: Annotated[
        list[str] | None, typer.Option(help="The handle of somebody who confirms who belongs to it.")
    ] = None,
) -> None:
    """Add an organisation, or change the one of this name. What isn't said stays as it was."""
    from civicboard.commands.organisations import Wanted, put

    wanted = Wanted(name, kind, within, about, website, domain, claim, steward or [])
    with with_database(read_settings()) as settings:
        _migrate(settings)
        asyncio.run(put(settings, wanted))


@organisations.command("list")
def list_organisations() -> None:
    """Say which organisations there are, what confirms their people, and who their stewards are."""
    from civicboard.commands.organisations import tell

    with with_database(read_settings()) as settings:
        asyncio.run(tell(settings))


@app.command()
def reindex(
    anew: Annotated[
        bool, typer.Option(help="Also make again what is there already; searches miss it meanwhile.")
    ] = False,
) -> None:
    """Make the meaning of everything on the board. It can be stopped (Ctrl+C), and goes on when run again."""
    from civicboard.commands.reindexing import reindex as reindex_board

    with with_database(read_settings()) as settings:
        _migrate(settings)
        done = asyncio.run(reindex_board(settings, console, anew=anew))
    raise typer.Exit(0 if done else 1)


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
