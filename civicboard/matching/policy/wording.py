"""What two texts have in common, where no model has read them; and which of somebody's sentences is about something."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

from civicboard.matching.policy.everyday import is_describing, is_everyday, same_word
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
    about above across after again almost along already also although altogether always among anybody anyone around away
    became because become been before behind being below beside besides between both came cannot come comes could didn
    does doesn doing done down during each eight either else enough even every everybody except few find first five four
    from gave gets getting give given goes going gone good hadn half hasn have haven help here hers herself himself hour
    hours however hundred inside instead into itself just keep kind know last less like little live look made make makes
    making many maybe mine month more most much must myself near need needed needs neither never next nine nobody none
    nothing nowhere often once only onto other others otherwise ours ourselves outside over people perhaps person place
    please problem quite rather read really right said same says seen seven several shall should since some somebody
    someone something somewhere soon still street such sure take than thank that their theirs them themselves then there
    these they thing things think this those though three through time times today together tomorrow toward towards town
    twelve twenty twice under unless unlike until upon used using usual usually very want wanted wasn week well went
    were weren what whatever when whenever where wherever whether which whichever while whoever whole whom whose will
    with within without work would wouldn year years yesterday your yours yourself yourselves
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


def in_common(words: Iterable[str], others: Sequence[str], beginnings: Container[str]) -> list[str]:
    """What of these words is a reason, of those that the ``others`` have too: two of them, or one that is rare.

    ``beginnings`` are those of the others, by which most that have nothing in common are told apart.
    """
    found = shared_with(words, beginnings)
    if len(found) != 1:
        return found
    (only,) = found
    is_reason = not is_everyday(only) and any(same_word(only, other) for other in others)
    return found if is_reason else []


def is_such(wanted: str, thing: str) -> bool:
    """Whether a thing is what is wanted: both say what it is in the same word, and not only what it is like."""
    return any(not is_describing(word) for word in shared(wanted, thing))


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
