"""The provider's signing key."""

from __future__ import annotations

import json
import os
from pathlib import Path

from joserfc.jwk import JWKRegistry, RSAKey

ALGORITHM = "RS256"


def signing_key(kept: Path | None) -> RSAKey:
    """The key in ``kept``, made and kept there when there is none; with None, one for this process alone."""
    if kept is not None and kept.exists():
        read = JWKRegistry.import_key(json.loads(kept.read_text()))
        if not isinstance(read, RSAKey):
            raise ValueError(f"{kept} holds no RSA key")
        return read
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(key.as_dict(private=True), file)
    return key
