"""``civicboard doctor``: what is wrong, in plain words, and how to mend it."""

from __future__ import annotations

import asyncio
import shutil
import stat
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from civicboard.commands import database_doctor as databases
from civicboard.commands.findings import Finding
from civicboard.kit.health import LEAST_DISK_BYTES
from civicboard.people.gateway import SignInFailed
from civicboard.people.gateway.openid import OpenId
from civicboard.settings import Provider, Settings

STATIC = Path(__file__).resolve().parent.parent / "static"
