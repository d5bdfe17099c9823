"""Reports from elsewhere: what is made of them, and that it is made once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from civicboard.kit.forms import Invalid
from civicboard.kit.outbox import EventRow
from civicboard.kit.text import plain, render
from civicboard.kit.work import Desk, Unfit
from civicboard.problems.actions import keep_report
from civicboard.problems.forms import Report
from civicboard.problems.models import STAGES, Affected, Problem, Revision

ROW: dict[str, Any] = {
    "service_request_id": "4711",
    "status": "open",
    "summary": "Loose slab by the ford",
    "service_name": "Path Issue",
    "description": "It rocks when you step on it.\r\nSomebody will fall.",
    "requested_datetime": "2019-03-04T08:30:00Z",
    "acknowledged_datetime": None,
    "closed_datetime": None,
    "lat": 53.7,
    "long": -1.95,
    "votes": 0,
}


def told(**changes: Any) -> Report:
    return Report.read_row({**ROW, **changes}, source="brookwatch")


def refusals(**changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        told(**changes)
    return caught.value.state.errors


async def keep(desk: Desk, report: Report) -> str:
    async with desk.writing() as work:
        return await keep_report(work, report)


async def the_problem(desk: Desk) -> Problem:
    async with desk.reading() as work:
        found = await work.session.scalar(select(Problem).where(Problem.source == "brookwatch"))
    assert found is not None
    return found


async def events(desk: Desk) -> list[str]:
    async with desk.reading() as work:
        return list(await work.session.scalars(select(EventRow.kind).order_by(EventRow.id)))


# What is made of a row


def test_a_report_as_a_problem() -> None:
    report = told()
    assert report.title == "Loose slab by the ford"
    assert report.story == "It rocks when you step on it.\nSomebody will fall."
    assert report.tags == ("path",)
    assert report.coordinates == (53.7, -1.95)
    assert report.stage == "open"
    assert report.posted_at == report.moved_at
    assert str(report.posted_at) == "2019-03-04 08:30:00+00:00"


def test_without_a_description_the_summary_is_the_story() -> None:
    assert told(description="").story == "Loose slab by the ford"
    assert told(description=None).story == "Loose slab by the ford"


@pytest.mark.parametrize("summary", ["", None, "Other", "Path Issue", "path", "Kerb Issue"])
def test_a_summary_that_says_nothing_gives_way_to_the_first_sentence(summary: str | None) -> None:
    report = told(summary=summary, description="The slab by the ford rocks badly. Somebody will fall.")
    assert report.title == "The slab by the ford rocks badly"


def test_a_summary_that_says_nothing_stays_when_nothing_says_more() -> None:
    assert told(summary="Other", description="").title == "Other"


def test_a_very_short_first_sentence_takes_the_next_along() -> None:
    report = told(summary="Other", description="Help! The slab by the ford rocks badly. Somebody will fall.")
    assert report.title == "Help! The slab by the ford rocks badly"


def test_a_long_title_is_cut_between_words() -> None:
    title = told(summary="word " * 60).title
    assert len(title) <= 120
    assert title.endswith("word…")
    assert len(told(summary="x" * 500).title) <= 120


@pytest.mark.parametrize(
    ("status", "acknowledged", "stage"),
    [
        ("open", None, "open"),
        (None, None, "open"),
        ("Open", "2019-03-05T08:30:00Z", "exploring"),
        ("acknowledged", None, "exploring"),
        (" CLOSED ", None, "passed_on"),
    ],
)
def test_the_stage(status: str | None, acknowledged: str | None, stage: str) -> None:
    assert told(status=status, acknowledged_datetime=acknowledged).stage == stage
    assert stage in STAGES


def test_closed_claims_no_more_than_it_says() -> None:
    report = told(
        status="closed",
        votes=13,
        acknowledged_datetime="2019-03-05T08:30:00Z",
        closed_datetime="2019-04-06T23:30:00-05:00",
    )
    assert report.story.endswith(
        "\n\nWhere it was first reported (brookwatch), 13 people voted for it, it was acknowledged on"
        " 5 March 2019 and it was closed on 7 April 2019. That doesn't say whether it was sorted."
    )
    assert str(report.moved_at) == "2019-04-07 04:30:00+00:00"


def test_closed_without_a_date() -> None:
    assert "(brookwatch), it was closed. That" in told(status="closed").story


def test_one_vote_is_one_person() -> None:
    assert told(votes=1).story.endswith("Where it was first reported (brookwatch), one person voted for it.")


@pytest.mark.parametrize(
    "words",
    [
        "Pole #6 is dark, and #7 too",
        "#40 Brook Lane",
        "# not a heading",
        "Meet @ford or ford@brook.example",
        "*really* _bad_ ~~not~~ **bad**",
        "[a link](https://brook.example/) and `code`",
        "a back\\slash and \\* one",
        "    four spaces",
        "Title\n---\nand\n===",
        "***",
        "snake_case_name at https://brook.example/a_b_c",
        "~~~\nfence\n~~~",
        "```\nfence\n```",
    ],
)
def test_plain_text_stays_plain_text(words: str) -> None:
    story = told(description=words).story
    html = render(story)
    for mark in (
        "<em>",
        "<strong>",
        "<del>",
        "<code>",
        "<pre>",
        "<h3>",
        "<h4>",
        "<hr>",
        "/problems/",
        "/people/",
    ):
        assert mark not in html
    assert plain(story).split() == words.split()


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        (None, ()),
        ("Other", ()),
        ("Roadway or Sidewalk Issue", ("roadway or sidewalk",)),
        ("Missed Rubbish or Bulky Waste Collection", ("missed rubbish", "bulky waste collection")),
        ("Sports Hall, Playing Field or Park Issue", ("sports hall", "playing field or park")),
        ("Lights; Lights", ("lights",)),
        ("a, b, c, d, e, f, g, h", ("a", "b", "c", "d", "e", "f")),
    ],
)
def test_the_kind_of_thing_becomes_tags(name: str | None, tags: tuple[str, ...]) -> None:
    found = told(service_name=name).tags
    assert found == tags
    assert all(len(tag) <= 30 for tag in found)


def test_nought_and_nought_is_nowhere() -> None:
    assert told(lat=0, long=0.0).coordinates is None
    assert told(lat=None, long=None).coordinates is None
    assert told(lat="53.7", long="-1.95").coordinates == (53.7, -1.95)


def test_a_number_may_be_a_number() -> None:
    assert told(service_request_id=4711).source_id == "4711"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"service_request_id": None}, "service_request_id", "missing"),
        ({"service_request_id": " "}, "service_request_id", "missing"),
        ({"service_request_id": True}, "service_request_id", "not a text"),
        ({"summary": "", "description": None}, "form", "summary is missing"),
        ({"summary": {"a": 1}}, "summary", "not a text"),
        ({"summary": "a\x00b"}, "summary", "character"),
        ({"description": "\ud800"}, "description", "character"),
        ({"description": "x" * 20_001}, "description", "too long"),
        ({"status": "fixed"}, "status", "none of open"),
        ({"status": ["open"]}, "status", "none of open"),
        ({"lat": 90.1}, "lat", "-90 to 90"),
        ({"long": -180.1}, "long", "-180 to 180"),
        ({"lat": float("nan")}, "lat", "-90 to 90"),
        ({"long": float("inf")}, "long", "-180 to 180"),
        ({"lat": None}, "form", "come together"),
        ({"requested_datetime": "last week"}, "requested_datetime", "not a date"),
        ({"requested_datetime": 5}, "requested_datetime", "not a date"),
        ({"closed_datetime": "0001-01-01T00:00:00+05:00"}, "closed_datetime", "not a date"),
        ({"closed_datetime": "9999-12-31T23:59:59Z"}, "closed_datetime", "not a date"),
        ({"votes": -1}, "votes", "not a number"),
        ({"votes": 10**30}, "votes", "not a number"),
        ({"votes": "many"}, "votes", "not a number"),
    ],
)
def test_bad_rows_are_refused_with_a_reason(changes: dict[str, Any], field: str, words: str) -> None:
    assert words in refusals(**changes)[field]


def test_every_mistake_is_named_at_once() -> None:
    assert set(refusals(lat=100, votes="x", status="gone")) == {"lat", "votes", "status"}


# Keeping it


async def test_a_report_is_kept_once(desk: Desk) -> None:
    assert [await keep(desk, told(votes=4)) for _ in range(3)] == ["added", "unchanged", "unchanged"]
    problem = await the_problem(desk)
    assert (problem.source, problem.source_id, problem.slug) == (
        "brookwatch",
        "4711",
        "loose-slab-by-the-ford",
    )
    assert (problem.poster_id, problem.version, problem.revision_count, problem.follower_count) == (
        None,
        1,
        1,
        0,
    )
    async with desk.reading() as work:
        assert await work.session.scalar(select(func.count()).select_from(Revision)) == 1
        # Nobody of this board has said that it affects them, whatever the votes elsewhere.
        assert await work.session.scalar(select(func.count()).select_from(Affected)) == problem.affected_count == 0


async def test_the_same_number_from_elsewhere_is_another_report(desk: Desk) -> None:
    await keep(desk, told())
    assert await keep(desk, Report.read_row(ROW, source="fordwatch")) == "added"


async def test_a_changed_report_is_brought_up_to_date(desk: Desk) -> None:
    await keep(desk, told())
    report = told(status="closed", closed_datetime="2019-05-01T00:00:00Z", lat=53.8)
    assert [await keep(desk, report) for _ in range(2)] == ["updated", "unchanged"]
    problem = await the_problem(desk)
    assert (problem.stage, problem.latitude, problem.moved_at) == ("passed_on", 53.8, report.moved_at)
    assert (problem.version, problem.revision_count) == (2, 2)
    async with desk.reading() as work:
        before = await work.session.get(Revision, (problem.id, 1))
        now = await work.session.get(Revision, (problem.id, 2))
    assert before is not None
    assert now is not None
    assert now.why
    assert "closed" in now.story
    assert "closed" not in before.story


async def test_a_new_pin_alone_makes_no_revision(desk: Desk) -> None:
    await keep(desk, told())
    assert await keep(desk, told(lat=None, long=None)) == "updated"
    problem = await the_problem(desk)
    assert (problem.latitude, problem.version, problem.revision_count) == (None, 2, 1)


async def test_a_stage_that_was_set_here_stays(desk: Desk) -> None:
    await keep(desk, told())
    for stage, report, then in (
        ("exploring", told(), "exploring"),  # nothing new from there
        ("sorted", told(status="closed"), "sorted"),  # news from there, but people here know better
        ("open", told(votes=2), "open"),
    ):
        async with desk.writing() as work:
            await work.session.execute(update(Problem).values(stage=stage))
        await keep(desk, report)
        assert (await the_problem(desk)).stage == then


async def test_what_moved_here_does_not_move_back(desk: Desk) -> None:
    await keep(desk, told())
    async with desk.writing() as work:
        now = work.now
        await work.session.execute(update(Problem).values(moved_at=now))
    await keep(desk, told(summary="Loose slab, still"))
    assert (await the_problem(desk)).moved_at == now


async def test_pages_are_told_of_news_only(desk: Desk) -> None:
    await keep(desk, told())
    assert await events(desk) == []
    async with desk.writing() as work:
        recent = (work.now - timedelta(hours=2)).isoformat()
    await keep(desk, told(service_request_id="4712", requested_datetime=recent))
    await keep(desk, told(acknowledged_datetime=recent))
    assert await events(desk) == ["ProblemPosted", "ProblemEdited"]


async def test_without_a_date_it_is_as_old_as_its_import(desk: Desk) -> None:
    report = told(requested_datetime=None)
    assert [await keep(desk, report) for _ in range(2)] == ["added", "unchanged"]
    problem = await the_problem(desk)
    assert problem.posted_at == problem.moved_at


async def test_the_future_is_refused(desk: Desk) -> None:
    async with desk.writing() as work:
        later = (work.now + timedelta(days=2)).isoformat()
    with pytest.raises(Unfit, match="future"):
        await keep(desk, told(closed_datetime=later))
