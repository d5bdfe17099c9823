"""The board's default model, as the board loads it: what the rows "by meaning" are made with.

Texts are put together as the board means to: what somebody looks for as it is typed, everything else from its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from civicboard.kit import meaning

DIMENSIONS = meaning.DIMENSIONS
MODEL_ID = meaning.find_model("minilm").id or "minilm, not installed"
Vectors = np.ndarray[Any, np.dtype[np.float32]]


class Model:
    """In this very process: nothing else waits here."""

    def __init__(self) -> None:
        self._embedder = meaning.load("minilm")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A unit vector of each text. This model reads queries and documents alike."""
        return np.asarray(self._embedder.encode_documents(texts), dtype=np.float32)


def unit(vectors: Any) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-12)
    return np.asarray(vectors / lengths, dtype=np.float32)


def literal(vector: Any) -> str:
    """As PostgreSQL reads it."""
    return meaning.literal(vector)


def said(one: dict[str, Any]) -> str:
    """What a problem, a need or a person says, one part a line."""
    tags = ", ".join(one.get("tags", ()))
    head = [one["title"], tags, one["story"]] if "title" in one else [one.get("what", ""), tags, one["words"]]
    lent = [", ".join(one.get(name, ())) for name in ("things", "rooms")]
    return "\n".join(part for part in [*head, *lent] if part)
