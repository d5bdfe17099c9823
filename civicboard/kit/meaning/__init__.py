"""What texts mean, as vectors: a model behind a seam, in a process of its own (decision 0017).

Nothing here imports the model's libraries; only the child process does, and whoever calls ``load``.
"""

from __future__ import annotations

from civicboard.kit.meaning.embedder import Embedder, NoModel, Vector, load
from civicboard.kit.meaning.sources import DIMENSIONS, Model, find_model
from civicboard.kit.meaning.understanding import Understanding, understanding_for

__all__ = [
    "DIMENSIONS",
    "Embedder",
    "Model",
    "NoModel",
    "Understanding",
    "Vector",
    "find_model",
    "literal",
    "load",
    "understanding_for",
]


def literal(vector: Vector) -> str:
    """A vector as PostgreSQL reads it: the driver knows no ``halfvec``, so it travels as text and is cast there."""
    return f"[{','.join(f'{number:.5g}' for number in vector)}]"
