"""What is kept of rendered pieces: as much as there is room for, the newest."""

from __future__ import annotations

from pathlib import Path

from civicboard.kit.partials import Pages


def test_pieces_are_kept_up_to_a_size(tmp_path: Path) -> None:
    (tmp_path / "piece.html").write_text("{{ words }}")
    pages = Pages(tmp_path, most_letters=1000)
    for number in range(30):
        pages.kept("piece.html", (number,), lambda: {"words": "a" * 100})
    assert [number for number in range(30) if pages.found("piece.html", (number,))] == list(range(20, 30))
    pages.kept("piece.html", (30,), lambda: {"words": "b" * 700})
    assert [number for number in range(31) if pages.found("piece.html", (number,))] == [27, 28, 29, 30]
    assert pages.letters == 1000
    assert pages.kept("piece.html", (31,), lambda: {"words": "c" * 5000}) == "c" * 5000, "too large to be kept"
    assert pages.letters <= 1000
