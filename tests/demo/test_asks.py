"""The demo neighbourhood has somebody who waits for an answer, a yes, and a not now; all of it by what people do.

It has a problem that somebody looks after, one that somebody would, and one that came in from elsewhere, too.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text

from civicboard.demo.filling import CONFIG, Neighbourhood
from civicboard.kit.database import Database
from civicboard.kit.viewer import Viewer
from civicboard.kit.work import Desk
from civicboard.matching.models import Ask
from civicboard.matching.policy.asking import is_quiet
from civicboard.matching.queries.asks import asks_of
from civicboard.matching.queries.turns import find_ask_preferences
from civicboard.networks.models import Convening
from civicboard.networks.queries import find_convenor
from civicboard.notices.queries import notices_of
from civicboard.offers.models import Offer
from civicboard.people.models import Person
from civicboard.problems.models import Problem


async def test_asks_wait_are_accepted_and_are_declined(database: Database, desk: Desk) -> None:
    """Also of a board that is filled at night: nobody was asked in their quiet hours."""
    now = datetime.now(UTC).replace(hour=11) - timedelta(days=1)  # so "1.4 days ago" is in the small hours
    town = Neighbourhood(database, now)
    async for _ in town.fill():
        pass
    await problems_are_looked_after(town, desk)
    async with desk.reading() as work:
        handles = dict((await work.session.execute(select(Person.id, Person.handle))).all())
        asks = {handles[ask.person_id]: ask for ask in await work.session.scalars(select(Ask))}
        assert {who: ask.state for who, ask in asks.items()} == {"lottie": "asked", "marta": "yes", "samina": "not_now"}
        assert any(ask.made_at < ask.asked_at for ask in asks.values() if ask.asked_at), (
            "one had to wait for the morning"
        )
        for ask in asks.values():
            assert ask.asked_at is not None
            assert ask.why
            assert ask.made_at <= ask.asked_at <= now
            assert not is_quiet(ask.asked_at, await find_ask_preferences(work, ask.person_id, CONFIG.zone))
            assert ask.contact == "" or ask.state == "asked"
        lottie = asks["lottie"].person_id
        (waiting,) = await asks_of(work, lottie)
        assert waiting.takes_answers
        yes = await work.session.get_one(Offer, asks["marta"].offer_id)
        assert yes.state == "welcomed", "who asked had posted the problem"
        asker = Viewer(id=asks["marta"].by_id, handle="kayleigh", name="Kayleigh")
    async with desk.reading(Viewer(id=lottie, handle="lottie", name="Lottie")) as work:
        assert "asked" in {notice.kind for notice in (await notices_of(work)).notices if notice.is_unread}
    async with desk.reading(asker) as work:
        assert [one.is_a_yes for one in (await notices_of(work)).notices if one.offer_id == yes.id] == [True]
        assert await work.session.scalar(text("SELECT count(*) FROM pgqueuer")) == 0


async def problems_are_looked_after(town: Neighbourhood, desk: Desk) -> None:
    wanted = {"garage-tipping": "elin", "market-bins": None, "brook-grille": "harold"}
    async with desk.reading() as work:
        found = {key: await find_convenor(work, town.numbers[key]) for key in wanted}
        assert {key: one.handle if one else None for key, one in found.items()} == wanted
        problem = await work.session.get_one(Problem, town.numbers["brook-grille"])
        assert problem.poster_id is None
        waits = await work.session.scalars(select(Offer.state).where(Offer.problem_id == problem.id))
        assert list(waits) == ["waiting"]
        asked = select(Convening).where(Convening.began_at.is_(None), Convening.ended_at.is_(None))
        (question,) = await work.session.scalars(asked)
        assert question.problem_id == town.numbers["market-bins"]
