"""Addresses that came from outside and are about to be followed."""

from __future__ import annotations

import re
from urllib.parse import quote

LONGEST = 2000

#: Whatever a browser drops, turns into a slash, or reads differently from a server.
_TRAPS = re.compile(r"[\x00-\x20\x7f-\x9f\\\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_ENCODED_SLASH = re.compile(r"%(?:2f|5c)", re.IGNORECASE)


def is_local(raw: str) -> bool:
    """Whether an address is a path of this board, with any query and fragment, in every reading of it.

    Slashes are refused where they could name another host: doubled or percent-encoded in the path. In the
    query and the fragment they are data.
    """
    if not raw.startswith("/") or len(raw) > LONGEST or _TRAPS.search(raw):
        return False
    path = re.split(r"[?#]", raw, maxsplit=1)[0]
    return "//" not in path and not _ENCODED_SLASH.search(path)


def safe_next(raw: str | None, fallback: str = "/") -> str:
    """Where to go after a deed: ``raw`` when it is a local path, else ``fallback``.

    The answer is ASCII (other letters are percent-encoded), so it fits any header, also ``HX-Redirect``.
    """
    if raw is None or not is_local(raw):
        return fallback
    path = quote(raw, safe="/?#[]@!$&'()*+,;=:%~-._|^`{}<>\"")
    return path if len(path) <= LONGEST else fallback
