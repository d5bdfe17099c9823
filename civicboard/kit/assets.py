"""Static files under addresses that change with their content, so that browsers may keep them for ever.

Everything is read, hashed and compressed once, at the start, and served from memory: the only addresses that
exist are the ones in a table, so there is no path to traverse. ``css/*.css`` becomes one file,
``civicboard.css``.

A file may name another one by its plain address, ``url("/static/vendor/fonts/x.woff2")`` in CSS or
``"/static/js/x.js"`` in a script or a manifest. It is replaced by the hashed one; a name that leads nowhere
stops the start.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/static/"
BUNDLE = "civicboard.css"
FOREVER = "public, max-age=31536000, immutable"

_FIRST = ("layers.css", "tokens.css", "fonts.css")
_RELOAD_SECONDS = 0.3
_TEXT = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".xml": "application/xml",
    ".xsl": "text/xsl",
}
_BINARY = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PLAIN = {"content-type": "text/plain; charset=utf-8"}
_IN_CSS = re.compile(r"""(?P<before>url\(\s*["']?)/static/(?P<name>[^"')\s#?]+)""")
_IN_QUOTES = re.compile(r"""(?P<before>["'])/static/(?P<name>[^"'\s#?]+)(?=["'#?])""")
_REFERENCES = {".css": _IN_CSS, ".js": _IN_QUOTES, ".mjs": _IN_QUOTES, ".webmanifest": _IN_QUOTES}


class UnknownAsset(KeyError):
    """No such static file."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to send. ``path`` is its whole address; ``gzipped`` is None where that would save
    nothing.
    """

    path: str
    content_type: str
    body: bytes
    gzipped: bytes | None
    etag: str


class Assets:
    """The files under ``static_root``. With ``reload``, for development, a changed file is read again.

    Raises UnknownAsset when a file names one that isn't there, and ValueError for two that name each other or
    for an ``@import`` in the bundle, where CSS would ignore it.
    """

    def __init__(self, static_root: Path, *, reload: bool = False) -> None:
        self._root = static_root
        self._reload = reload
        self._looked = time.monotonic()
        self._seen = self._signature() if reload else ()
        self._read()

    def url(self, name: str) -> str:
        """The address of a file by its path below the static folder, such as ``vendor/htmx.min.js``."""
        self._look()
        try:
            return self._by_name[name].path
        except KeyError:
            raise _unknown(name) from None

    @property
    def app(self) -> ASGIApp:
        """Serves the files, mounted at ``/static`` or asked directly."""
        return self._serve

    # Reading

    def _files(self) -> list[Path]:
        files = (path for path in sorted(self._root.rglob("*")) if path.is_file())
        return [path for path in files if not any(part.startswith(".") for part in path.relative_to(self._root).parts)]

    def _signature(self) -> tuple[tuple[Path, int, int], ...]:
        return tuple((path, (found := path.stat()).st_mtime_ns, found.st_size) for path in self._files())

    def _look(self) -> None:
        if not self._reload or time.monotonic() - self._looked < _RELOAD_SECONDS:
            return
        self._looked = time.monotonic()
        seen = self._signature()
        if seen != self._seen:
            self._read()
            self._seen = seen

    def _read(self) -> None:
        raw: dict[str, bytes] = {}
        sheets: list[Path] = []
        for path in self._files():
            if path.suffix == ".css" and path.parent == self._root / "css":
                sheets.append(path)
            elif path.suffix in _TEXT or path.suffix in _BINARY:
                raw[path.relative_to(self._root).as_posix()] = path.read_bytes()
        if sheets:
            raw[BUNDLE] = _bundle(sheets)
        by_name: dict[str, Asset] = {}
        for name in raw:
            _finish(name, raw, by_name, ())
        self._by_name = by_name
        self._by_path = {asset.path: asset for asset in by_name.values()}

    # Serving

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1000, "reason": ""})
        self._look()
        # A mount adds itself to root_path, and a proxy may have put something before it.
        below = scope.get("root_path", "").removesuffix(PREFIX.rstrip("/"))
        asset = self._by_path.get(scope["path"].removeprefix(below))
        if asset is None:
            await _answer(send, 404, {"cache-control": "no-store", **_PLAIN}, b"Not found", scope["method"])
        elif scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, {"allow": "GET, HEAD", "cache-control": "no-store", **_PLAIN}, b"", "GET")
        else:
            await _send_asset(asset, scope, send)


def _unknown(name: str, named_in: str = "") -> UnknownAsset:
    where = f", which {named_in} names" if named_in else ""
    missing = " Browser assets are installed by: make assets" if name.startswith("vendor/") else ""
    return UnknownAsset(f"There is no static file {name!r}{where}.{missing}")


def _bundle(sheets: list[Path]) -> bytes:
    def rank(sheet: Path) -> tuple[int, str]:
        return (_FIRST.index(sheet.name) if sheet.name in _FIRST else len(_FIRST), sheet.name)

    parts = []
    for sheet in sorted(sheets, key=rank):
        text = sheet.read_text(encoding="utf-8")
        if re.search(r"^\s*@import\b", text, re.MULTILINE):
            raise ValueError(f"{sheet.name} has an @import: every file in css/ is in one bundle already.")
        parts.append(text.strip())
    return ("\n".join(parts) + "\n").encode()


def _finish(name: str, raw: dict[str, bytes], done: dict[str, Asset], asking: tuple[str, ...]) -> Asset:
    """Make one asset, and first those that it names, as its own hash depends on theirs."""
    if name in done:
        return done[name]
    if name in asking:
        raise ValueError(f"Static files name each other in a circle: {' → '.join((*asking, name))}.")

    def hashed(found: re.Match[str]) -> str:
        wanted = found["name"]
        if wanted not in raw:
            raise _unknown(wanted, name)
        return found["before"] + _finish(wanted, raw, done, (*asking, name)).path

    suffix = Path(name).suffix
    body = raw[name]
    references = None if name.startswith("vendor/") else _REFERENCES.get(suffix)
    if references:
        body = references.sub(hashed, body.decode()).encode()
    mark = hashlib.sha256(body).hexdigest()[:12]
    gzipped = gzip.compress(body, 9, mtime=0) if suffix in _TEXT else None
    done[name] = Asset(
        path=f"{PREFIX}{name.removesuffix(suffix)}-{mark}{suffix}",
        content_type=f"{_TEXT[suffix]}; charset=utf-8" if suffix in _TEXT else _BINARY[suffix],
        body=body,
        gzipped=gzipped if gzipped and len(gzipped) < len(body) else None,
        etag=mark,
    )
    return done[name]


async def _send_asset(asset: Asset, scope: Scope, send: Send) -> None:
    asked = {name: value.decode("latin-1") for name, value in scope["headers"]}
    zipped = asset.gzipped is not None and _accepts_gzip(asked.get(b"accept-encoding", ""))
    etag = f'"{asset.etag}-gzip"' if zipped else f'"{asset.etag}"'
    headers = {"cache-control": FOREVER, "etag": etag}
    if asset.gzipped is not None:
        headers["vary"] = "Accept-Encoding"
    known = {tag.strip().removeprefix("W/") for tag in asked.get(b"if-none-match", "").split(",")}
    if known & {etag, "*"}:
        await _answer(send, 304, headers, None, scope["method"])
        return
    headers["content-type"] = asset.content_type
    if zipped:
        headers["content-encoding"] = "gzip"
    await _answer(send, 200, headers, asset.gzipped if zipped else asset.body, scope["method"])


def _accepts_gzip(header: str) -> bool:
    """Whether ``Accept-Encoding`` lets gzip be used: named, or covered by ``*``, and not with a weight of
    nought.
    """
    weights = {}
    for part in header.lower().split(","):
        coding, _, weight = part.partition(";")
        weights[coding.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return weights.get("gzip", weights.get("*", False))


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes | None, method: str) -> None:
    """Send a whole response; a ``body`` of None has no length either."""
    if body is not None:
        headers = {**headers, "content-length": str(len(body))}
    start: Message = {
        "type": "http.response.start",
        "status": status,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    await send(start)
    sent: dict[str, Any] = {
        "type": "http.response.body",
        "body": b"" if body is None or method == "HEAD" else body,
    }
    await send(sent)
