"""The process that the model lives in. It reads questions on its input, and ends when that does.

A question is a length (4 bytes, big end first) and JSON: ``{"as": "query", "texts": […]}``. An answer is a length and
either the vectors one after the other, as 4-byte floats of this machine, after the byte ``+``, or words after ``-``.
The first answer comes unasked: ``+`` when the model is loaded, ``-`` and why when it can't be.
"""

from __future__ import annotations

import array
import json
import os
import struct
import sys
from typing import BinaryIO

from civicboard.kit.meaning.embedder import NoModel, load


def main(setting: str) -> None:
    # What a library prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        embedder = load(setting)
    except NoModel as error:
        return _answer(answers, b"-" + str(error).encode())
    _answer(answers, b"+")
    while (size := sys.stdin.buffer.read(4)) and len(size) == 4:
        asked = json.loads(sys.stdin.buffer.read(struct.unpack(">I", size)[0]))
        encode = embedder.encode_queries if asked["as"] == "query" else embedder.encode_documents
        try:
            numbers = array.array("f", (number for vector in encode(asked["texts"]) for number in vector))
        except Exception as error:  # one text that it can't read is no reason to load it again
            _answer(answers, b"-" + f"{type(error).__name__}: {error}".encode()[:500])
        else:
            _answer(answers, b"+" + numbers.tobytes())


def _answer(answers: BinaryIO, payload: bytes) -> None:
    answers.write(struct.pack(">I", len(payload)) + payload)
    answers.flush()


if __name__ == "__main__":
    os.environ |= {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    main(sys.argv[1])
