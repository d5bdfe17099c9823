"""The data folder as far as the embedded database goes: where its parts are, who owns them, who may enter.

PostgreSQL refuses to run as root. Under root it runs as a system user made for it, who must be able to reach
its programs and its data; everywhere else it runs as whoever runs the board.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import stat
import subprocess
import time
from pathlib import Path

import structlog

from civicboard.kit.embedded.programs import EmbeddedError, programs

PORT = 5432  # only the name of the socket's file: nothing listens on the network
SYSTEM_USER = "embedded_postgres"

_LONGEST_SOCKET = 103  # bytes: 107 on Linux, 103 on macOS
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._@+-]+")  # a comma, say, would make the address a list of hosts
_log = structlog.get_logger(__name__)


class DataFolder:
    """``path`` is the whole folder, ``cluster`` the database in it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.cluster = self.path / "postgres"

    def prepare(self) -> None:
        """Make the folder, close it to everybody else, and let the server's user reach it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        us, folder_owner = os.geteuid(), self.path.stat().st_uid
        if us not in (0, folder_owner):
            raise EmbeddedError(f"{self.path} belongs to another user. Run the board as that user.")
        owner = self.owner()
        if owner.pw_uid == folder_owner:
            self.path.chmod(0o700)
        else:
            os.chown(self.path, -1, owner.pw_gid)
            self.path.chmod(0o710)
        if us == 0:
            let_through(self.path)
            open_programs()

    def owner(self) -> pwd.struct_passwd:
        """Who the server runs as: the cluster's owner, else who we are, else (for root) its system user."""
        if self.cluster.exists():
            uid = self.cluster.stat().st_uid
            if os.geteuid() not in (0, uid):
                raise EmbeddedError(f"{self.cluster} belongs to another user. Run the board as that user.")
            return pwd.getpwuid(uid)
        return system_user() if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())

    @property
    def sockets(self) -> Path:
        """The socket's folder: the cluster, or one of its own when that path is too long or odd."""
        fits = len(os.fsencode(self.cluster / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET
        if fits and _PLAIN_PATH.fullmatch(str(self.cluster)):
            return self.cluster
        # With the inode, as the server of a deleted folder of the same path may still be winding up.
        mark = hashlib.sha256(f"{self.cluster}:{self.cluster.stat().st_ino}".encode()).hexdigest()[:16]
        # make_private() sees to it that nobody else made it.
        return Path("/tmp") / f"civicboard-{mark}"  # noqa: S108  # nosec B108

    def write(self, name: str, text: str) -> None:
        """Write a file of the cluster, as the server's user would have."""
        # Under root this folder is somebody else's, so nothing that lies in it is followed or written into.
        fresh = self.cluster / f"{name}.new"
        fresh.unlink(missing_ok=True)
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(file, "w") as opened:
            opened.write(text)
            os.fchown(file, self.owner().pw_uid, self.owner().pw_gid)
        fresh.replace(self.cluster / name)


def system_user() -> pwd.struct_passwd:
    """The user PostgreSQL runs as under root, made if need be; it can't sign in. Raises EmbeddedError."""
    for attempt in range(5):
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            pass
        command = [
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell=/bin/false",
            SYSTEM_USER,
        ]
        try:
            made = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            break
        if made.returncode:
            time.sleep(0.2 * attempt)  # another process may be making it right now
    raise EmbeddedError(
        f"PostgreSQL doesn't run as root, and the user {SYSTEM_USER} couldn't be made. "
        "Run the board as an ordinary user, or set DATABASE_URL."
    )


def let_through(folder: Path) -> None:
    """Let other users pass through the folders above, but not list them: the server must reach its data."""
    for above in folder.parents:
        mode = stat.S_IMODE(above.stat().st_mode)
        if not mode & stat.S_IXOTH:
            mode |= stat.S_IXOTH
            above.chmod(mode)
            _log.warning("folder opened for passing through", folder=str(above), mode=oct(mode))


def open_programs() -> None:
    """Let the server's user run PostgreSQL where a strict umask kept the installed files to root."""
    package = programs().parents[1]
    let_through(package)
    if (programs() / "postgres").stat().st_mode & 0o005 == 0o005:
        return
    for root in (package, package.with_name("embedded_postgres.libs")):
        for path in (root, *root.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def make_private(folder: Path, owner: pwd.struct_passwd) -> None:
    """Make a folder only the server's user may enter. Raises EmbeddedError if someone else made it first."""
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    except FileExistsError:
        found = folder.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == owner.pw_uid
        if not ours or stat.S_IMODE(found.st_mode) != 0o700:
            raise EmbeddedError(f"{folder} isn't ours. Remove it, or use a shorter data folder.") from None
