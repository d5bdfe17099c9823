from __future__ import annotations

import pytest
import pytest_asyncio

from civicboard.kit.diff import A_PAGE
from civicboard.posts.actions import edit_post
from civicboard.posts.queries import find_post, posts_on, wordings_of
from tests.cast import KEY, a_post, an_imported_problem, key_in
from tests.conftest import client_for

WORDS = "It came again on Tuesday, higher than before."


@pytest_asyncio.fixture
async def post(desk, cast):
    number = await a_post(desk, cast.ada, cast.problem, "It came again on Monday.")
    async with desk.reading() as work:
        return await find_post(work, number)


async def edit(desk, cast, post, version, words):
    async with desk.writing(cast.ada) as work:
        await edit_post(work, post.id, words=words, seen_version=version)


async def said_on(desk, number):
    async with desk.reading() as work:
        return [post.words for post in (await posts_on(work, number))[0]]


@pytest.mark.parametrize("script", [False, True])
async def test_the_same_form_with_other_words_keeps_them(app, cast, desk, script):
    path, told = f"/problems/{cast.problem}/posts", {"words": "It is <wet>.", "key": KEY}
    async with client_for(app, token=cast.tokens["bo"], script=script) as bo:
        first, again = [await bo.post(path, data=told) for _ in range(2)]
        assert first.status_code == again.status_code == (200 if script else 303)
        answer = await bo.post(path, data={**told, "words": "It is <dry>."})
        assert answer.status_code == 409
        _, _, composer = answer.text.partition('id="composer"')
        summary, _, form = composer.partition("<form")
        assert "This was posted already, with other words." in summary
        assert "It is &lt;dry&gt;.</textarea>" in form
        assert key_in(form) != KEY
        assert await said_on(desk, cast.problem) == ["It is <wet>."]
        sent = await bo.post(path, data={"words": "It is <dry>.", "key": key_in(form)})
        assert sent.status_code == (200 if script else 303)
    assert await said_on(desk, cast.problem) == ["It is <wet>.", "It is <dry>."]


async def test_a_form_that_comes_again_after_an_edit_is_still_the_same(ada_client, desk, cast):
    path, told = f"/problems/{cast.problem}/posts", {"words": "It is wet.", "key": KEY}
    first = await ada_client.post(path, data=told)
    async with desk.reading() as work:
        [post], _ = await posts_on(work, cast.problem)
    await edit(desk, cast, post, 1, WORDS)
    again = await ada_client.post(path, data=told)
    assert again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert (await ada_client.post(path, data={**told, "words": WORDS})).status_code == 409
    assert await said_on(desk, cast.problem) == [WORDS]


@pytest.mark.parametrize("changed", [{}, {"version": "none"}, {"do": "preview"}])
async def test_an_edit_outlives_the_session(client, cast, post, changed):
    path = f"{post.path}/edit"
    answer = await client.post(path, data={"words": WORDS, "version": "1", **changed})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=%2Fproblems%2F")
    client.cookies.set("session", cast.tokens["ada"], domain="testserver.local")
    form = await client.get(path)
    assert form.status_code == 200
    assert WORDS in form.text
    assert "This is how you left it" in form.text
    assert f'data-draft="post:{post.id}"' in form.text
    assert WORDS not in (await client.get(f"{path}?afresh=1")).text
    assert (await client.post(path, data={"words": WORDS, "version": "1"})).status_code == 303
    assert "This is how you left it" not in (await client.get(path)).text


async def test_an_edit_meanwhile_loses_nobody_s_words(ada_client, desk, cast, post):
    await edit(desk, cast, post, 1, "The other tab was <quicker>.")
    answer = await ada_client.post(f"{post.path}/edit", data={"words": WORDS, "version": "1"})
    assert answer.status_code == 409
    summary, _, rest = answer.text.partition("<h1>")
    assert "edited in another tab meanwhile" in summary
    form, _, now = rest.partition('id="as-it-is"')
    assert WORDS in form
    assert 'name="version" value="2"' in form
    assert "The other tab was &lt;quicker&gt;." in now
    assert (await ada_client.post(f"{post.path}/edit", data={"words": WORDS, "version": "2"})).status_code == 303
    async with desk.reading() as work:
        assert (await find_post(work, post.id)).words == WORDS


async def test_an_edit_that_comes_again_after_a_lost_answer_is_done(ada_client, desk, post):
    told = {"words": WORDS, "version": "1"}
    first, again = [await ada_client.post(f"{post.path}/edit", data=told) for _ in range(2)]
    assert first.status_code == again.status_code == 303
    async with desk.reading() as work:
        assert (await find_post(work, post.id)).version == 2
    assert (await ada_client.post(f"{post.path}/edit", data={**told, "words": "Other words"})).status_code == 409


async def test_a_browser_without_its_cookie_gets_none_for_having_nothing_to_forget(ada_client, cast, post):
    for answer in (
        await ada_client.post(f"/problems/{cast.problem}/posts", data={"words": "It is wet."}),
        await ada_client.post(f"{post.path}/edit", data={"words": WORDS, "version": "1"}),
    ):
        assert answer.status_code == 303
        assert "set-cookie" not in answer.headers


async def test_what_one_quotes_is_of_the_same_conversation(ada_client, cast, desk, post):
    elsewhere = await a_post(desk, cast.bo, await an_imported_problem(desk))
    path = f"/problems/{cast.problem}/posts"
    for quoted, status in ((post.id, 303), (elsewhere, 422), (987_654_321, 422)):
        assert (
            await ada_client.post(path, data={"words": "As was said.", "quotes": str(quoted)})
        ).status_code == status


async def test_edits_are_counted_as_comments(app, ada_client, post):
    counted = []

    async def count(rule, key, *, new_account=False):
        counted.append(rule)
        return await hit(rule, key, new_account=new_account)

    hit, app.state.kit.rates.hit = app.state.kit.rates.hit, count
    await ada_client.post(f"{post.path}/edit", data={"words": WORDS, "version": "1"})
    assert "comment" in counted


async def test_a_long_history_has_pages(client, desk, cast, post):
    for version in range(1, A_PAGE + 5):
        await edit(desk, cast, post, version, f"It came {version} times.")
    history = f"{post.path}/history"
    newest = await client.get(history)
    assert newest.text.count("<article") == A_PAGE
    assert "It came <del>23</del><ins>24</ins> times." in newest.text
    assert "As first written" not in newest.text
    assert f'href="{history}?before=6"' in newest.text
    oldest = await client.get(f"{history}?before=6")
    assert oldest.text.count("<article") == 5
    assert "As first written" in oldest.text
    assert 'rel="next"' not in oldest.text


async def test_no_more_of_a_history_is_read_than_a_page_shows(desk, cast, post):
    for version in range(1, A_PAGE + 5):
        await edit(desk, cast, post, version, f"It came {version} times.")
    async with desk.reading() as work:
        now = await find_post(work, post.id)
        older = await wordings_of(work, now, before=A_PAGE + 4)
        newest = await wordings_of(work, now, before=A_PAGE + 6)
    assert [wording.number for wording in older] == list(range(A_PAGE + 3, 2, -1))
    assert [wording.number for wording in newest[: A_PAGE + 1]] == list(range(A_PAGE + 5, 4, -1))
    assert len(newest) <= A_PAGE + 2
