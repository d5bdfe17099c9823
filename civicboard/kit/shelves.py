"""Looking for words among the last of a table first, without reading all that has them.

PostgreSQL's index by words (GIN) knows no order: asked for the last that have a word, it fetches every row that has it.
So numbers stand on shelves, and the index has each row's shelf beside its words: it then answers which of the last few
shelves have them, at a cost that doesn't grow with the table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, literal_column, text

#: So many numbers stand on one shelf. The indexes are made with it: another number needs a migration.
SHELF = 250
#: What was written lately waits beside the index until it is this much (in kB), and every search reads all that waits.
#: By itself PostgreSQL lets 4 MB wait: 1,000 changed problems made each look into the index 0.8 ms longer.
WAITING_KB = 256


def shelf_of(number: Any) -> Any:
    """The shelf that a row of this number stands on, as the indexes have it."""
    return number // literal_column(str(SHELF), Integer)


def index_by_words(name: str, words: Any) -> Index:
    """An index of a table with an ``id``, by a column (or an expression) of words and by shelf."""
    return Index(
        name,
        words,
        text(f"(id / {SHELF})"),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": WAITING_KB},
    )
