"""Tending the words for what people can do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from civicboard.kit.work import Unfit, Work, require
from civicboard.skills import policy
from civicboard.skills.actions.abilities import call_it
from civicboard.skills.models import Skill, SkillChange
from civicboard.skills.policy import Vocabulary, address_of, key
from civicboard.skills.queries import abilities_calling_it, find_skill_to_change, find_vocabulary

#: The words that come with the board.
SEED = Path(__file__).resolve().parent.parent / "vocabulary.json"
_LOCK = "vocabulary"
NOT_YET = "You can add words once your account is a day old, so that nobody makes one just to spoil the list."


async def add_word(work: Work, *, tag: str, synonyms: Sequence[str], about: str) -> str:
    """Add a word to the vocabulary. Returns the address of its page. Raises Unfit when it is there already."""
    vocabulary = await _may_edit(work)
    if (known := vocabulary.tag_of(tag)) is not None:
        same = "is on the list already" if known == tag else f"is on the list already, as {known}"
        raise Unfit("tag", f"“{tag}” {same}.")
    address = address_of(tag)
    if not address or vocabulary.at(address) is not None:
        raise Unfit("tag", "This is too like another word on the list to have a page of its own.")
    own = {key(tag)}
    for word in synonyms:
        if (taken := vocabulary.tag_of(word)) is not None:
            raise Unfit("synonyms", f"“{word}” stands for {taken} already. A word belongs in one place only.")
        if key(word) in own:
            raise Unfit("synonyms", f"“{word}” is there twice, or is the word itself.")
        own.add(key(word))
    work.session.add(
        Skill(tag=tag, synonyms=list(synonyms), about=about, changed_by_id=work.viewer.id, changed_at=work.now)
    )
    _note(work, tag, "word_added", tag)
    await _rename(work, [tag, *synonyms])
    return address


async def add_synonym(work: Work, address: str, word: str) -> None:
    """Let a word stand for another one, also where people have said it before. Adding it twice counts once."""
    vocabulary = await _may_edit(work)
    skill = await find_skill_to_change(work, address)
    if word in skill.synonyms:
        return
    taken = vocabulary.tag_of(word)
    if taken == skill.tag:
        raise Unfit("word", f"“{word}” is understood as {skill.tag} already.")
    if taken is not None:
        raise Unfit("word", f"“{word}” stands for {taken} already. Take it out there first.")
    if len(skill.synonyms) >= policy.MOST_SYNONYMS:
        raise Unfit("word", f"{policy.MOST_SYNONYMS} words for one thing are enough.")
    skill.synonyms = [*skill.synonyms, word]
    skill.changed_by_id, skill.changed_at = work.viewer.id, work.now
    _note(work, skill.tag, "synonym_added", word)
    await _rename(work, [word])


async def remove_synonym(work: Work, address: str, word: str) -> None:
    """Take a word out again. Whoever was found by it keeps the tag. Taking it out twice counts once."""
    await _may_edit(work)
    skill = await find_skill_to_change(work, address)
    if word not in skill.synonyms:
        return
    skill.synonyms = [one for one in skill.synonyms if one != word]
    skill.changed_by_id, skill.changed_at = work.viewer.id, work.now
    _note(work, skill.tag, "synonym_removed", word)


async def _may_edit(work: Work) -> Vocabulary:
    """The vocabulary, which nobody else changes until the deed is done."""
    require(work.viewer.signed_in, "Please sign in to tend the list of words.")
    require(policy.may_edit_vocabulary(work.viewer), NOT_YET)
    await work.one_at_a_time(_LOCK)
    return await find_vocabulary(work)


def _note(work: Work, tag: str, kind: str, word: str) -> None:
    work.session.add(SkillChange(tag=tag, kind=kind, word=word, at=work.now, by_id=work.viewer.id))


async def _rename(work: Work, words: Sequence[str]) -> None:
    """Who said it in one of these words before is found by the tag from now on."""
    await work.session.flush()
    vocabulary = await find_vocabulary(work)
    said = {form for word in words for form in (word, f"{word}s", word.removesuffix("s"), word.replace("-", " "))}
    for ability in await abilities_calling_it(work, sorted(said - {""})):
        if vocabulary.canonical(ability.tags) != ability.tags:
            call_it(work, ability, vocabulary)


async def put_words(work: Work, words: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Add these words, or bring those of the same tag up to date. Returns how many were added and changed.

    Only the operator's commands do this. Raises Unfit, naming the word, for one that would stand in two places.
    """
    await work.one_at_a_time(_LOCK)
    before = await find_vocabulary(work)
    given = {word["tag"]: tuple(word["synonyms"]) for word in words}
    _once({**before.tags, **given})
    added = changed = 0
    for word in words:
        known = before.tags.get(word["tag"])
        values = {"synonyms": list(word["synonyms"]), "about": word["about"]}
        await work.session.execute(
            insert(Skill)
            .values(tag=word["tag"], changed_at=work.now, **values)
            .on_conflict_do_update(index_elements=[Skill.tag], set_={**values, "changed_at": work.now})
        )
        added += known is None
        changed += known is not None and known != frozenset(word["synonyms"])
    await _rename(work, [one for tag, synonyms in given.items() for one in (tag, *synonyms)])
    return added, changed


def _once(tags: Mapping[str, Iterable[str]]) -> None:
    """Raises Unfit for a word, however spelled, that stands in two places of the list."""
    stands: dict[str, str] = {}
    for tag, synonyms in tags.items():
        for word in (tag, *synonyms):
            other = stands.setdefault(key(word), tag)
            if other != tag:
                raise Unfit("word", f"“{word}” stands for both {other} and {tag}.")
            if word != tag and key(word) == key(tag):
                raise Unfit("word", f"{tag}: “{word}” is the word itself.")


async def seed_words(work: Work) -> int:
    """Add the words that came with the board and aren't there yet, and change no other. Returns how many.

    A word or a synonym that people have put elsewhere stays where they put it.
    """
    await work.one_at_a_time(_LOCK)
    vocabulary = await find_vocabulary(work)
    added = 0
    for word in json.loads(SEED.read_text(encoding="utf-8")):
        if vocabulary.tag_of(word["tag"]) is not None:
            continue
        synonyms = [one for one in word["synonyms"] if vocabulary.tag_of(one) is None]
        await work.session.execute(
            insert(Skill).values(tag=word["tag"], synonyms=synonyms, about=word["about"]).on_conflict_do_nothing()
        )
        added += 1
    if added:
        await _rename(work, [one for tag, own in (await find_vocabulary(work)).tags.items() for one in (tag, *own)])
    return added
