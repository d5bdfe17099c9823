"""What two texts have in common, where no model has read them; and which of somebody's sentences is about something."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

from civicboard.matching.policy.everyday import is_describing, is_everyday, root, same_word
from civicboard.skills.policy import Vocabulary

#: Two words are the same one when so many first letters are: "drain" and "drainage".
SAME_LETTERS = 5
#: So many words of a text are looked at, the first; the others seldom say anything new.
MOST_WORDS = 60
#: Of somebody's own words, so many letters at most are told.
MOST_SAID = 110
_WORD = re.compile(r"[^\W\d_]{3,}")
_SENTENCE = re.compile(r"[^.;!?\n]+[.!?]?")
#: Words that everybody uses say nothing about what somebody can do.
_COMMON = frozenset(
    """
    about above across add after again age ago ain all almost along already also although altogether always among and
    any anybody anyone are aren around ask away bad became because become been before behind being below beside besides
    between big bit both box boy but came can cannot come comes could cut dad day days did didn does doesn doing don
    done down dry during each eight either else end enough etc even every everybody except eye eyes far few find first
    fit five for four from fun gave get gets getting give given god goes going gone good got guy had hadn half has hasn
    have haven help her here hers herself hey him himself his hit hot hour hours how however hundred inside instead into
    isn its itself job just keep kid kin kind know lad last lay led less let lie like lit little live look lot lots low
    mad made make makes making man many may maybe men met mid mine mix month more most mrs much mum must myself near
    need needed needs neither never new next nil nine nobody none nor not nothing now nowhere odd off often old once one
    ones only onto other others otherwise our ours ourselves out outside over own pay people per perhaps person place
    please pop problem put quite ran rather read really red rid right run sad said same sat say says see seen set seven
    several shall she should since sir sit six some somebody someone something somewhere son soon still street such sun
    sure take ten than thank that the their theirs them themselves then there these they thing things think this those
    though three through tie time times today toe together tomorrow ton too top toward towards town try twelve twenty
    twice two under unless unlike until upon use used using usual usually very via want wanted war was wasn way ways
    week well went were weren wet what whatever when whenever where wherever whether which whichever while who whoever
    whole whom whose why will win wit with within without won work would wouldn yeah year years yes yesterday yet you
    your yours yourself yourselves
    """.split()  # noqa: SIM905  # many quotation marks would hide the words
)


def telling(text: str, *, most: int = MOST_WORDS) -> list[str]:
    """The words of a text that say what it is about, in lower case, each once, in order."""
    found: dict[str, None] = {}
    for word in (one[0] for one in _WORD.finditer(text.lower())):
        if word not in _COMMON and root(word) not in _COMMON:
            found[word] = None
            if len(found) == most:
                break
    return list(found)


def stems(text: str, *, most: int = 24) -> list[str]:
    """The beginnings of those words, which their endings have in common."""
    return list(dict.fromkeys(map(stem, telling(text))))[:most]


def stem(word: str) -> str:
    """The beginning of a word, which its forms have in common."""
    return root(word)[:SAME_LETTERS]


def shared(text: str, other: str) -> list[str]:
    """Words of the first text that the other has too, in whatever ending; of words that are alike only the first."""
    return shared_with(telling(text), frozenset(stems(other, most=MOST_WORDS)))


def shared_with(words: Iterable[str], others: Container[str]) -> list[str]:
    """The same of telling words, and the beginnings of the others."""
    found: dict[str, str] = {}
    for word in words:
        if (beginning := stem(word)) in others:
            found.setdefault(beginning, word)
    return list(found.values())


def in_common(words: Iterable[str], others: Sequence[str], beginnings: Container[str]) -> list[str]:
    """What of these words is a reason, of those that the ``others`` have too: two of them, or one that is rare.

    ``beginnings`` are those of the others, by which most that have nothing in common are told apart.
    """
    found = [word for word in shared_with(words, beginnings) if any(same_word(word, other) for other in others)]
    return [word for word in found if len(found) > 1 or not is_everyday(word)]


def rare_in_common(words: Iterable[str], others: Sequence[str], beginnings: Container[str]) -> list[str]:
    """The same without what everybody says: beside a better reason, that would only be in the way."""
    return [word for word in in_common(words, others, beginnings) if not is_everyday(word)]


def is_such(wanted: str, thing: str) -> bool:
    """Whether a thing is what is wanted: both say what it is in the same word, and not only what it is like or does."""
    others = telling(thing)
    words = [word for word in telling(wanted) if not is_describing(word)]
    return bool(in_common(words, others, frozenset(map(stem, others))))


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
