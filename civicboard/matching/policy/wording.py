"""What two texts have in common, where no model has read them; and which of somebody's sentences is about something."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

from civicboard.skills.policy import Vocabulary

#: Two words are the same one when so many first letters are: "drain" and "drainage".
SAME_LETTERS = 5
#: So many words of a text are looked at, the first; the others seldom say anything new.
MOST_WORDS = 60
#: Of somebody's own words, so many letters at most are told.
MOST_SAID = 110
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"[^.;!?\n]+[.!?]?")
#: Words that everybody uses say nothing about what somebody can do.
_COMMON = frozenset(
    """
    about after again also always anybody anyone around because before being could does done each either enough
    even every everybody few find from give good half have help here hour hours into just keep kind know last
    like little live look make many maybe month more most much must near need needed needs next nothing often
    once only other over people person place please problem quite rather read right said same should since some
    somebody someone something soon still street such sure take than thank that their them then there these they
    thing things think this those time times together town under until used very want wanted week well were what
    when where which while will with within without work would year years your yours
    """.split()  # noqa: SIM905  # many quotation marks would hide the words
)


def telling(text: str, *, most: int = MOST_WORDS) -> list[str]:
    """The words of a text that say what it is about, in lower case, each once, in order."""
    found: dict[str, None] = {}
    for word in (one[0] for one in _WORD.finditer(text.lower())):
        if word not in _COMMON:
            found[word] = None
            if len(found) == most:
                break
    return list(found)


def stems(text: str, *, most: int = 24) -> list[str]:
    """The beginnings of those words, which their endings have in common."""
    return list(dict.fromkeys(word[:SAME_LETTERS] for word in telling(text)))[:most]


def shared(text: str, other: str) -> list[str]:
    """Words of the first text that the other has too, in whatever ending; of words that are alike only the first."""
    return shared_with(telling(text), frozenset(stems(other, most=MOST_WORDS)))


def shared_with(words: Iterable[str], others: Container[str]) -> list[str]:
    """The same of telling words, and the beginnings of the others."""
    found: dict[str, str] = {}
    for word in words:
        if word[:SAME_LETTERS] in others:
            found.setdefault(word[:SAME_LETTERS], word)
    return list(found.values())


def meant(tags: Sequence[str], what: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    """Each word for what is wanted, in lower case, with the word that it stands for.

    They are its tags, what the vocabulary knows of the line that says ``what``, and all their synonyms.
    """
    return _meant(tuple(tags), what, vocabulary)


@lru_cache(maxsize=4096)
def _meant(tags: tuple[str, ...], what: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    """Looking up a line takes longer than scoring it, and the same needs are looked at again and again."""
    means: dict[str, str] = {tag.lower(): tag for tag in tags}
    of_tags = ((vocabulary.tag_of(tag), tag) for tag in tags)
    for tag, name in (*of_tags, *((tag, tag) for tag in vocabulary.tags_in(what))):
        if tag is not None:
            for word in (tag, *vocabulary.tags[tag]):
                means.setdefault(word.lower(), name)
    return means


def about(said: str, wanted: Iterable[str]) -> str:
    """The sentence of what somebody says of themselves that has most of the ``wanted`` words, or the first."""
    sentences = [one for one in (" ".join(found.split()) for found in _SENTENCE.findall(said)) if one]
    if not sentences:
        return ""
    looked_for = set(stems(" ".join(wanted)))
    best = max(sentences, key=lambda one: len(looked_for & set(stems(one, most=100)))).strip().rstrip(".;,")
    return best if len(best) <= MOST_SAID else f"{best[:MOST_SAID].rsplit(' ', 1)[0]}…"
