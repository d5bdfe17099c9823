"""``civicboard doctor``: what is wrong, in plain words, and how to mend it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from civicboard.commands.database_check import examine_database, unfit_for_public
from civicboard.commands.findings import Finding
from civicboard.commands.meaning_check import examine_meaning
from civicboard.kit.health import LEAST_DISK_BYTES
from civicboard.people.gateway import SignInFailed
from civicboard.people.gateway.openid import OpenId
from civicboard.settings import Provider, Settings

STATIC = Path(__file__).resolve().parent.parent / "static"

#: What the pages can't do without. The fonts are missed less: there is always another.
ASSETS = ("htmx.min.js", "hx-ws.min.js", "hx-upsert.min.js")

__all__ = ["Finding", "examine", "refuse_to_start"]


async def examine(settings: Settings, *, online: bool = False) -> list[Finding]:
    """Look at everything the board stands on. ``online`` also asks the sign-in providers."""
    return [
        *_settings(settings),
        *_folder(settings.data),
        _disk(settings.data),
        _assets(),
        *await examine_database(settings),
        *await examine_meaning(settings),
        *await _providers(settings, online=online),
    ]


async def refuse_to_start(settings: Settings) -> list[str]:
    """Why the board must not serve the public as things are, as sentences; empty when it may."""
    folder = [f"{finding.says} {finding.mend}" for finding in _folder(settings.data) if not finding.ok]
    return [*settings.unsafe(), *folder, *await unfit_for_public(settings.database_url)]


def _settings(settings: Settings) -> list[Finding]:
    if not settings.production:
        return [Finding(True, "The settings are for trying things out, not for the public.")]
    unsafe = [Finding(False, sentence) for sentence in settings.unsafe()]
    return unsafe or [Finding(True, "The settings are safe for the public.")]


def _folder(data: Path) -> list[Finding]:
    """The data folder holds the embedded database, whose socket trusts whoever can open it."""
    if not data.exists():
        return [Finding(True, f"There is no data folder yet: {data} is made when it is needed.")]
    findings = []
    if data.stat().st_mode & 0o007:
        findings.append(Finding(False, f"Everybody on this machine can look into {data}.", f"Run: chmod o-rwx {data}"))
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        findings.append(
            Finding(False, f"The board can't write into {data}.", "Run it as the user whom the folder belongs to.")
        )
    return findings or [Finding(True, f"The data folder, {data}, is for its owner alone.")]


def _disk(data: Path) -> Finding:
    free = shutil.disk_usage(data if data.exists() else ".").free
    says = f"The disk has {free // (1024 * 1024):,} MB left."
    return Finding(free > LEAST_DISK_BYTES, says, "Make room: the board stops taking new words when it is full.")


def _assets() -> Finding:
    missing = [name for name in ASSETS if not (STATIC / "vendor" / name).is_file()]
    if not missing:
        return Finding(True, "The browser assets are installed.")
    return Finding(False, f"Browser assets are missing: {', '.join(missing)}.", "In a checkout, run: make assets")


async def _providers(settings: Settings, *, online: bool) -> list[Finding]:
    if not settings.providers and not settings.demo and not settings.demo_issuer:
        return [
            Finding(
                not settings.production,
                "There is no way to sign in yet.",
                "Name one in CIVICBOARD_LOGIN: docs/running.md shows how.",
            )
        ]
    if not settings.providers:
        return [Finding(True, "People sign in as the demo's neighbours.")]
    if not online:
        labels = ", ".join(provider.label for provider in settings.providers)
        return [Finding(True, f"People sign in with {labels} (not asked: add --online).")]
    return list(await asyncio.gather(*(_ask(provider, settings.origin) for provider in settings.providers)))


async def _ask(provider: Provider, origin: str) -> Finding:
    """Whether a provider describes itself as OpenID Connect says; the others don't describe themselves."""
    if provider.kind in ("github", "mastodon"):
        return Finding(True, f"{provider.label} can't be asked without signing in.")
    try:
        await OpenId(provider, f"{origin}/login/{provider.key}/callback").begin("state", "nonce", "verifier", "")
    except SignInFailed as failed:
        return Finding(
            False,
            f"{provider.label} doesn't answer as a sign-in provider: {failed.detail}.",
            f"Look at CIVICBOARD_LOGIN_{provider.key.upper().replace('-', '_')}_ISSUER, and at the network.",
        )
    return Finding(True, f"{provider.label} answers.")
