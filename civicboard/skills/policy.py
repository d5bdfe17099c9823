"""Who may say what a person can do, who sees it, and which word stands for which others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from civicboard.kit.text import slug
from civicboard.kit.viewer import Viewer

#: A person says so many tags, things and rooms at most.
MOST_TAGS = 12
MOST_LINES = 12
MOST_LANGUAGES = 12
#: One word of the vocabulary has so many others beside it at most.
MOST_SYNONYMS = 20

#: Of a text so many words are looked up, the first, and so many in a row at most.
MOST_READ, MOST_TOGETHER = 60, 4
#: Said of oneself these are skills, and in the middle of a text they mostly mean something else.
PASSED_OVER = frozenset(
    """
    minute,minutes,key,keys,deed,deeds,refuse,writing,reporting,signing,layout,layouts,shop,shops,network,networks,pointing,
    sign of,signs of,sign up,sign off,sign in,sign on
    """.replace("\n    ", "")
    .strip()
    .split(",")
)
#: What stands before a word, and after it, that says what somebody does.
BEFORE_VERBS = frozenset(
    """
    to please can can't could couldn't will won't would must should may might do don't does doesn't didn't not never
    let lets let's i we you they he she who
    """.split()  # noqa: SIM905  # many quotation marks would hide the words
)
AFTER_VERBS = frozenset(
    """
    a an the this that these those my your his her its our their it us them me him one some any each every up off
    out
    """.split()  # noqa: SIM905  # many quotation marks would hide the words
)


def may_say_ability(viewer: Viewer) -> bool:
    """Each says it of themselves."""
    return viewer.signed_in


def may_see_ability(viewer: Viewer, person_id: int, visibility: str) -> bool:
    """What somebody chose to show: to everybody, to whoever is signed in, or to nobody. One's own one always sees."""
    if viewer.id == person_id:
        return True
    return visibility == "public" or (visibility == "signed_in" and viewer.signed_in)


def may_edit_vocabulary(viewer: Viewer) -> bool:
    """Everybody with an account that is older than a day."""
    return viewer.signed_in and not viewer.is_new


def key(word: str) -> str:
    """What two spellings of a word have in common: case, accents, hyphens and spaces don't count."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[-_/.\u2010-\u2015]", " ", letters.replace("\u2019", "'")).split())


def spellings(word_key: str) -> Iterator[str]:
    """The keys under which a word may stand: its own, and that with or without the ending of a plural."""
    yield word_key
    if word_key.endswith("ies"):
        yield f"{word_key[:-3]}y"
    if word_key.endswith("es"):
        yield word_key[:-2]
    if word_key.endswith("s") and not word_key.endswith("ss"):
        yield word_key[:-1]
    yield from (f"{word_key}s", f"{word_key}es")
    if word_key.endswith("y"):
        yield f"{word_key[:-1]}ies"


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The words that stand for others: ``tags`` has the synonyms of each. Make one with ``of``.

    Each is only equal to itself, so that what was looked up in it can be kept.
    """

    tags: Mapping[str, frozenset[str]]
    #: However each of the words is spelled, the tag that stands for it.
    _by_key: Mapping[str, str] = field(repr=False)
    #: The words for each tag, as they are spelled in the vocabulary.
    _as_written: Mapping[str, frozenset[str]] = field(repr=False)

    @classmethod
    def of(cls, words: Iterable[tuple[str, Iterable[str]]]) -> Vocabulary:
        """A vocabulary of (tag, synonyms)."""
        tags = {tag: frozenset(synonyms) for tag, synonyms in words}
        own = {key(tag): tag for tag in tags}
        others = {key(word): own[key(tag)] for tag, synonyms in tags.items() for word in synonyms}
        known = others | own
        # Whatever of these isn't spelled like a word falls out in the next line.
        spelled = {near for one in known for near in (*spellings(one), f"{one}s", f"{one}es", one[:-1], one[:-2])}
        by_spelling = {one: next((known[at] for at in spellings(one) if at in known), None) for one in spelled}
        as_written = {tag: frozenset(map(key, (tag, *synonyms))) for tag, synonyms in tags.items()}
        return cls(tags, {one: tag for one, tag in by_spelling.items() if tag is not None}, as_written)

    def tag_of(self, word: str) -> str | None:
        """The tag that stands for a word, however it is spelled; None when the vocabulary doesn't know it."""
        return self._by_key.get(key(word))

    def tags_in(self, text: str) -> list[str]:
        """The tags that stand for what a short text says, in one word or several in a row, each once, in order.

        As a reader would take them: of words that belong together the most, and a thing is not what somebody does with
        it ("sign an assessment" is about no signs).
        """
        words = re.findall(r"[\w'’&]+", key(text))[:MOST_READ]
        found: dict[str, None] = {}
        at = 0
        while at < len(words):
            # What is passed over is no tag, but the words are taken: of "signs of damp" only "damp" is looked up.
            most = min(MOST_TOGETHER, len(words) - at)
            many = next((more for more in range(most, 0, -1) if self._knows(words[at : at + more])), 1)
            one = " ".join(words[at : at + many])
            if one in self._by_key and one not in PASSED_OVER and (many > 1 or not self._is_verb(words, at)):
                found[self._by_key[one]] = None
            at += many
        return list(found)

    def _knows(self, words: Sequence[str]) -> bool:
        return (said := " ".join(words)) in self._by_key or said in PASSED_OVER

    def _is_verb(self, words: Sequence[str], at: int) -> bool:
        """Whether a word that is known in the plural alone says what somebody does: "to lock it", "sign the form"."""
        word = words[at]
        tag = self._by_key[word]
        if word in self._as_written[tag] or word.endswith("s"):
            return False
        # Who maps does mapping.
        if any(self._by_key.get(f"{stem}ing") == tag for stem in (word, word + word[-1], word[:-1])):
            return False
        before = words[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        return before in BEFORE_VERBS or after in AFTER_VERBS

    def canonical(self, words: Iterable[str]) -> list[str]:
        """The tags that stand for these words, each once, in order. Words that it doesn't know stay as they are."""
        found: dict[str, str] = {}
        for word in words:
            tag = self.tag_of(word) or word
            found.setdefault(key(tag) or tag, tag)
        return list(found.values())

    def words_for(self, word: str) -> list[str]:
        """Every word that means the same: the tag that stands for it, or the word itself, and then the others."""
        tag = self.tag_of(word) or word
        return [tag, *sorted(self.tags.get(tag, ()))]

    def renamed(self, words: Iterable[str]) -> list[tuple[str, str]]:
        """What was called something else than the vocabulary calls it, as (what was said, tag)."""
        tags = ((word, self.tag_of(word)) for word in words)
        return [(word, tag) for word, tag in tags if tag is not None and tag != word]

    def at(self, address: str) -> str | None:
        """The tag whose page has this address; None when there is none."""
        return next((tag for tag in self.tags if address_of(tag) == address), None)


def address_of(tag: str) -> str:
    """A tag in an address: ``"driving a van"`` gives ``"driving-a-van"``. Other scripts keep their letters."""
    return slug(tag, "") or "-".join(re.findall(r"\w+", key(tag)))
