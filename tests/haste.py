"""What makes the tests quick whatever the machine: see docs/testing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

#: Folders in memory, where there are any, and how much must be free there, in bytes.
MEMORY = Path("/dev/shm")
ENOUGH = 6_000_000_000


def make_haste() -> None:
    """Called once in each process of the tests, before anything is started or made; processes started later follow.

    Databases of tests live for minutes: copying one takes ten times as long on a disk as in memory. And a web process
    starts in half the time where Python may keep what it has compiled.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
