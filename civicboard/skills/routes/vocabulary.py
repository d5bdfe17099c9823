"""The words for what people can do: read by everybody, tended by neighbours."""

from __future__ import annotations

from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.skills import actions, policy
from civicboard.skills.forms import NewSynonym, NewWord, OldSynonym
from civicboard.skills.queries import (
    SkillRow,
    changes_latest,
    find_skill,
    find_vocabulary,
    people_able,
    skills_all,
)

AT = "/skills"


async def show_skills(request: Request) -> Response:
    """Every word by its letter, or those that have what is looked for; and what was changed last."""
    sought = " ".join(request.query_params.get("q", "").split())[:60]
    async with web.reading(request) as work:
        skills = await skills_all(work)
        changes = await changes_latest(work)
        vocabulary = await find_vocabulary(work)
    found = _found(skills, sought, vocabulary) if sought else skills
    letters = [(letter, list(rows)) for letter, rows in groupby(found, key=lambda row: row.tag[:1].upper())]
    context = {
        "letters": letters,
        "count": len(found),
        "sought": sought,
        "changes": changes,
        "form": web.form_state(request, "word"),
        "may_edit": policy.may_edit_vocabulary(web.viewer(request)),
    }
    return web.page(request, "skills/vocabulary.html", context, has_form=True)


def _found(skills: list[SkillRow], sought: str, vocabulary: policy.Vocabulary) -> list[SkillRow]:
    wanted, meant = policy.key(sought), vocabulary.tag_of(sought)
    return [
        row
        for row in skills
        if row.tag == meant or any(wanted in policy.key(word) for word in (row.tag, *row.synonyms, row.about))
    ]


@web.otherwise(show_skills, form="word")
async def create_skill(request: Request) -> Response:
    web.require_account(request, next_path=AT)
    form = await NewWord.read(request)
    await web.limit(request, "comment")
    async with web.writing(request) as work:
        address = await actions.add_word(work, tag=form.tag, synonyms=form.synonyms, about=form.about)
    return web.see(request, f"{AT}/{address}", said="word-added")


async def show_skill(request: Request) -> Response:
    """One word: what else it is called, and who says they can do it."""
    async with web.reading(request) as work:
        skill = await find_skill(work, request.path_params["tag"])
        able = await people_able(work, skill)
    context = {
        "skill": skill,
        "able": able,
        "form": web.form_state(request, "synonym"),
        "may_edit": policy.may_edit_vocabulary(web.viewer(request)),
    }
    return web.page(request, "skills/skill.html", context, has_form=True)


@web.otherwise(show_skill, form="synonym")
async def create_synonym(request: Request) -> Response:
    tag = request.path_params["tag"]
    web.require_account(request, next_path=f"{AT}/{tag}")
    form = await NewSynonym.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.add_synonym(work, tag, form.word)
    return web.see(request, f"{AT}/{tag}", said="synonym-added")


@web.otherwise(show_skill, form="synonym")
async def destroy_synonym(request: Request) -> Response:
    tag = request.path_params["tag"]
    web.require_account(request, next_path=f"{AT}/{tag}")
    form = await OldSynonym.read(request)
    await web.limit(request, "tap")
    async with web.writing(request) as work:
        await actions.remove_synonym(work, tag, form.word)
    return web.see(request, f"{AT}/{tag}", said="synonym-removed")


ROUTES = [
    Route(AT, show_skills, methods=["GET"], name="show_skills"),
    Route(AT, create_skill, methods=["POST"], name="create_skill"),
    Route(f"{AT}/{{tag}}", show_skill, methods=["GET"], name="show_skill"),
    web.form_at(f"{AT}/{{tag}}/synonyms", f"{AT}/{{tag}}", name="show_synonym_form"),
    Route(f"{AT}/{{tag}}/synonyms", create_synonym, methods=["POST"], name="create_synonym"),
    Route(f"{AT}/{{tag}}/synonyms", destroy_synonym, methods=["DELETE"], name="destroy_synonym"),
]
