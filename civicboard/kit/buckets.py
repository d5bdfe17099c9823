"""Looking for words among the last of a table first, without reading all that has them.

PostgreSQL's index by words (GIN) knows no order: asked for the last that have a word, it fetches every row that has it.
So numbers are put into buckets in their order, and the index has each row's bucket beside its words: it then answers
which of the last few buckets have them, at a cost that doesn't grow with the table.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, literal_column, text

#: So many numbers are in one bucket. The indexes are made with it: another number needs a migration.
BUCKET = 250
#: What was written lately waits beside the index until it is this much (in kB), and every search reads all that waits.
#: By itself PostgreSQL lets 4 MB wait: 1,000 changed rows made each look into the index 0.8 ms longer.
WAITING_KB = 256


def bucket_of(number: Any) -> Any:
    """The bucket that a row of this number is in, as the indexes have it."""
    return number // literal_column(str(BUCKET), Integer)


def index_by_words(name: str, words: Any) -> Index:
    """An index of a table with an ``id``, by a column (or an expression) of words and by bucket."""
    return Index(
        name,
        words,
        text(f"(id / {BUCKET})"),
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": WAITING_KB},
    )
