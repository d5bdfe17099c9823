"""Every door of the board, who may go through it, and a small world in which to try.

The table is the rule: a route that it doesn't name fails tests/house/test_routes.py, and so does one that answers
somebody otherwise than it says. The tests of tests/security/ knock at the same doors.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import text
from starlette.routing import Mount, Route, WebSocketRoute

from civicboard.app import Board
from civicboard.kit import web
from civicboard.kit.embedded import EmbeddedPostgres
from civicboard.kit.viewer import NOBODY, Viewer
from civicboard.kit.work import Desk, Work
from civicboard.networks.actions import agree_to_convening, look_after, stay_together, write_members_post
from civicboard.networks.queries import waiting_on
from civicboard.offers.actions import add_need, make_offer, welcome_offer
from civicboard.people.gateway import Gateway, Proved, Started, Tampered
from civicboard.people.models import Identity, Session
from civicboard.posts.actions import write_post
from civicboard.problems.actions import post_problem
from civicboard.settings import Provider, Settings
from civicboard.skills.actions import add_word
from tests.cast import ISSUER, Cast, Told, gather
from tests.conftest import ORIGIN, client_for, running
from tests.matching.people import a_standing_ask
from tests.organisations.council import council

#: Dee is nobody here, Bo made the offer, Cy is an officer, Ada posted the problem and wrote the post.
ROLES = ("stranger", "dee", "bo", "cy", "ada")
SAFE = ("GET", "HEAD", "OPTIONS")
BROWSER = "b" * 43

#: What each role gets. ``login`` is a 303 to the page for signing in, which keeps what was typed.
_TABLE = """
# method  path                                         name                        stranger dee bo cy ada
GET       /robots.txt                                  show_robots                 200   200 200 200 200
GET       /viewer/{id:int}.css                         show_viewer_css             200   200 200 200 200
GET       /livez                                       show_livez                  200   200 200 200 200
GET       /readyz                                      show_readyz                 200   200 200 200 200
GET       /metrics                                     show_metrics                200   200 200 200 200
GET       /login                                       show_login                  200   303 303 303 303
POST      /login/{provider}                            create_login                200   200 200 200 200
GET       /login/{provider}/callback                   create_session              400   400 400 400 400
GET       /account/new                                 show_new_account            303   303 303 303 303
POST      /account/new                                 create_account              303   303 303 303 303
POST      /logout                                      create_sign_out             303   303 303 303 303
POST      /login/{provider}/logout                     create_provider_sign_out    400   400 400 400 400
GET       /account                                     show_account                login 200 200 200 200
POST      /account                                     update_account              login 303 303 303 303
DELETE    /account/sessions/{session:int}              destroy_session             login 404 404 404 303
DELETE    /account/sessions                            destroy_other_sessions      login 303 303 303 303
DELETE    /account/identities/{identity:int}           destroy_identity            login 404 404 404 303
PUT       /drafts/{name}                               update_draft                204   204 204 204 204
DELETE    /drafts/{name}                               destroy_draft               204   204 204 204 204
GET       /account/affiliations                        show_affiliations           login 200 200 200 200
GET       /organisations                               show_organisations          200   200 200 200 200
GET       /organisations/{slug}                        show_organisation           200   200 200 200 200
GET       /organisations/{slug}/affiliation            show_new_affiliation        login 200 200 200 200
POST      /organisations/{slug}/affiliation            create_affiliation          login 303 303 303 303
DELETE    /organisations/{slug}/affiliation            destroy_affiliation         login 303 303 303 303
GET       /organisations/{slug}/requests/{id:int}      show_request                login 404 200 404 200
GET       /organisations/{slug}/requests/{id:int}/confirmation show_confirmation_form 303 303 303 303 303
POST      /organisations/{slug}/requests/{id:int}/confirmation create_request_confirmation login 404 403 404 303
GET       /organisations/{slug}/requests/{id:int}/refusal show_no_confirmation_form 303 303 303 303 303
POST      /organisations/{slug}/requests/{id:int}/refusal create_request_refusal   login 404 403 404 303
DELETE    /organisations/{slug}/people/{affiliation:int} destroy_membership        login 403 403 403 303
POST      /organisations/{slug}/people/{affiliation:int}/steward create_steward    login 403 403 403 303
GET       /account/abilities                           show_abilities              login 200 200 200 200
POST      /account/abilities                           update_abilities            login 303 303 303 303
GET       /account/abilities/levels                    show_ability_levels         login 303 303 303 303
POST      /account/abilities/levels                    update_ability_levels       login 303 303 303 303
GET       /account/abilities/when                      show_ability_times          login 200 200 200 200
POST      /account/abilities/when                      update_ability_times        login 303 303 303 303
GET       /account/abilities/who                       show_ability_audience       login 200 200 200 200
POST      /account/abilities/who                       update_ability_audience     login 303 303 303 303
GET       /account/abilities/done                      show_abilities_said         login 200 200 200 200
GET       /skills                                      show_skills                 200   200 200 200 200
POST      /skills                                      create_skill                login 303 303 303 303
GET       /skills/{tag}                                show_skill                  200   200 200 200 200
GET       /skills/{tag}/synonyms                       show_synonym_form           303   303 303 303 303
POST      /skills/{tag}/synonyms                       create_synonym              login 303 303 303 303
DELETE    /skills/{tag}/synonyms                       destroy_synonym             login 303 303 303 303
POST      /people/{handle}/block                       create_block                login 303 303 303 403
DELETE    /people/{handle}/block                       destroy_block               login 303 303 303 303
GET       /problems/new                                show_new_problem            200   200 200 200 200
GET       /problems                                    show_problem_form           303   303 303 303 303
POST      /problems                                    create_problem              login 303 303 303 303
GET       /problems/{number:int}/edit                  show_edit_problem           403   403 403 403 200
POST      /problems/{number:int}/edit                  update_problem              login 403 403 403 303
GET       /problems/{number:int}/history               show_problem_history        200   200 200 200 200
POST      /problems/{number:int}/affected              create_affected             login 303 303 303 303
DELETE    /problems/{number:int}/affected              destroy_affected            login 303 303 303 303
POST      /problems/{number:int}/follow                create_follow               login 303 303 303 303
DELETE    /problems/{number:int}/follow                destroy_follow              login 303 303 303 303
POST      /preview                                     create_preview              200   200 200 200 200
GET       /problems/{number:int}/network               show_network                200   200 200 200 200
GET       /problems/{number:int}/helping               show_helping                303   303 303 303 303
GET       /networks                                    show_networks               200   200 200 200 200
GET       /problems/{number:int}/network/members       show_members_thread         404   404 404 404 200
POST      /problems/{number:int}/network/members       create_members_post         login 404 404 404 303
GET       /problems/{number:int}/network/members/{id:int}/edit show_edit_members_post 404 404 404 404 200
POST      /problems/{number:int}/network/members/{id:int}/edit update_members_post login 404 404 404 303
GET       /problems/{number:int}/network/membership    show_membership_form        303   303 303 303 303
POST      /problems/{number:int}/network/membership    create_membership           login 303 303 303 303
DELETE    /problems/{number:int}/network/membership    destroy_membership          login 303 303 303 403
GET       /problems/{number:int}/network/together      show_together               403   403 403 403 200
POST      /problems/{number:int}/network/together      update_together             login 403 403 403 303
DELETE    /problems/{number:int}/network/together      destroy_together            login 403 403 403 303
GET       /problems/{number:int}/network/invitations/{id:int} show_new_invitation  403   403 403 403 200
POST      /problems/{number:int}/network/invitations/{id:int} create_invitation    login 403 403 403 303
GET       /problems/{number:int}/convenor              show_convening              200   200 200 200 200
POST      /problems/{number:int}/convenor              create_convening            login 403 303 303 403
DELETE    /problems/{number:int}/convenor              destroy_convening           login 303 303 303 303
GET       /problems/{number:int}/convenor/renewal      show_convening_renewal_form 303   303 303 303 303
POST      /problems/{number:int}/convenor/renewal      create_convening_renewal    login 403 303 403 403
GET       /problems/{number:int}/convenor/successor    show_successor_form         303   303 303 303 303
POST      /problems/{number:int}/convenor/successor    create_successor            login 403 303 403 403
DELETE    /problems/{number:int}/convenor/questions/{id:int} destroy_question      login 404 303 404 404
GET       /problems/{number:int}/convenor/questions/{id:int}/answer show_question_form 303 303 303 303 303
POST      /problems/{number:int}/convenor/questions/{id:int}/answer create_convening_answer login 404 404 404 303
GET       /problems/{number:int}/posts/{id:int}        show_post                   303   303 303 303 303
GET       /problems/{number:int}/posts/{id:int}/edit   show_edit_post              403   403 403 403 200
POST      /problems/{number:int}/posts/{id:int}/edit   update_post                 login 403 403 403 303
GET       /problems/{number:int}/posts/{id:int}/history show_post_history          200   200 200 200 200
GET       /problems/{number:int}/posts                 show_reply_form             303   303 303 303 303
POST      /problems/{number:int}/posts                 create_post                 login 303 303 303 303
GET       /problems/{number:int}/stage                 show_stage                  200   200 200 200 200
POST      /problems/{number:int}/stage                 create_stage                login 403 403 403 303
GET       /problems/{number:int}/offers/new            show_new_offer              200   200 200 200 200
GET       /problems/{number:int}/offers                show_offer_form             303   303 303 303 303
POST      /problems/{number:int}/offers                create_offer                login 303 303 303 403
GET       /account/offers                              show_own_offers             login 200 200 200 200
GET       /problems/{number:int}/needs/new             show_new_need               200   200 200 200 200
GET       /problems/{number:int}/needs                 show_need_form              303   303 303 303 303
POST      /problems/{number:int}/needs                 create_need                 login 403 403 403 303
GET       /needs/{id:int}                              show_need                   200   200 200 200 200
GET       /needs/{id:int}/edit                         show_edit_need              403   403 403 403 200
POST      /needs/{id:int}/edit                         update_need                 login 403 403 403 303
POST      /needs/{id:int}/settlement                   create_settlement           login 403 403 403 303
DELETE    /needs/{id:int}/settlement                   destroy_settlement          login 403 403 403 303
POST      /needs/{id:int}/dismissal                    create_dismissal            login 403 403 403 303
GET       /needs/{id:int}/people                       show_helpers                login 403 403 403 200
GET       /needs/{id:int}/asks/new                     show_new_ask                login 403 403 403 200
GET       /needs/{id:int}/asks                         show_ask_form               303   303 303 303 303
POST      /needs/{id:int}/asks                         create_ask                  login 403 403 403 303
POST      /needs/{id:int}/round                        create_round                login 403 403 403 303
DELETE    /needs/{id:int}/round                        destroy_round               login 403 403 403 303
POST      /asks/{id:int}/withdrawal                    create_ask_withdrawal       login 404 404 404 303
GET       /account/asks                                show_own_asks               login 200 200 200 200
GET       /asks/{id:int}                               show_ask                    login 404 200 404 404
GET       /asks/{id:int}/answer                        show_answer_form            303   303 303 303 303
POST      /asks/{id:int}/answer                        create_answer               login 404 303 404 404
GET       /offers/{id:int}/ending                      show_ending_form            303   303 303 303 303
POST      /offers/{id:int}/ending                      create_ending               login 403 303 403 303
GET       /offers/{id:int}/contact                     show_contact_form           303   303 303 303 303
POST      /offers/{id:int}/contact                     update_contact              login 403 303 403 303
GET       /offers/{id:int}                             show_offer                  200   200 200 200 200
GET       /offers/{id:int}/welcome                     show_welcome_form           303   303 303 303 303
POST      /offers/{id:int}/welcome                     create_welcome              login 403 403 403 303
GET       /offers/{id:int}/refusal                     show_refusal_form           303   303 303 303 303
POST      /offers/{id:int}/refusal                     create_refusal              login 403 403 403 303
POST      /offers/{id:int}/withdrawal                  create_withdrawal           login 403 303 403 403
GET       /people/{handle}                             show_person                 200   200 200 200 200
GET       /notices                                     show_notices                login 200 200 200 200
POST      /notices                                     update_notices              login 303 303 303 303
GET       /for-you                                     show_for_you                200   200 200 200 200
GET       /for-you/nearby                              show_nearby                 303   303 303 303 303
POST      /for-you/less/{number:int}                   create_less                 login 303 303 303 303
DELETE    /for-you/less/{number:int}                   destroy_less                login 303 303 303 303
GET       /for-you/less/{number:int}                   show_less_form              303   303 303 303 303
GET       /                                            show_board                  200   200 200 200 200
GET       /search                                      show_search                 200   200 200 200 200
GET       /about/space                                 show_space                  200   200 200 200 200
GET       /problems/{number:int}                       show_problem_by_number      303   303 303 303 303
GET       /problems/{number:int}/{slug:str}            show_problem                200   200 200 200 200
SOCKET    /live                                        show_live                   101   101 101 101 101
MOUNT     /static                                      static                      404   404 404 404 404
"""

#: What a person would have typed, by the form's door. ``{…}`` is filled in from the world.
FORMS: dict[str, dict[str, str]] = {
    "create_login": {"next": "/"},
    "create_account": {"name": "Eve", "handle": "eve"},
    "create_provider_sign_out": {"logout_token": "a.b.c"},
    "update_account": {"name": "Another name"},
    "update_draft": {"title": "Half a thought"},
    "update_abilities": {"words": "I can read maps."},
    "update_ability_times": {"free_thu-evening": "yes"},
    "update_ability_audience": {"visibility": "public", "asks_a_week": "1"},
    "create_synonym": {"word": "gullies"},
    "destroy_synonym": {"word": "gullies"},
    "create_problem": {"title": "The lamp is out again", "story": "It has been dark since Sunday evening."},
    "update_problem": {
        "title": "Basements on Brook Lane flood",
        "story": "Nine houses, five times since October.",
        "revision": "1",
    },
    "create_preview": {"words": "Some *words*"},
    "create_post": {"words": "I saw it too."},
    "update_post": {"words": "I saw it twice.", "version": "1"},
    "create_stage": {"to": "exploring"},
    "create_affiliation": {"role": "officer", "title": "Drainage engineer"},
    "create_request_refusal": {"reason": "We don't know you yet."},
    "create_ask": {"words": "Could you have a look?"},
    "create_answer": {"answer": "not_now"},
    "create_need": {"kind": "thing", "what": "A ladder"},
    "update_need": {"kind": "thing", "what": "A longer ladder", "version": "1"},
    "create_ending": {"hours_given": "2"},
    "update_contact": {"contact": "0123 456"},
    "create_offer": {"what": "A ladder and an hour"},
    "create_members_post": {"words": "The key is under the pot."},
    "update_members_post": {"words": "The key is with Bo.", "version": "1"},
    "update_together": {"name": "The Brook Lane crew", "about": "Cellars, pumps and patience."},
    "create_successor": {"who": "cy"},
    "create_convening_answer": {"answer": "yes"},
    "create_invitation": {"words": "Would you have a look?"},
    "create_welcome": {"words": "Thank you."},
    "create_refusal": {"reason": "Somebody has lent one already, thank you."},
}

#: Doors that need something fresh of somebody's for each try: it may be gone after it.
_SLUG = "basements-on-brook-lane-flood"


@dataclass(frozen=True)
class Door:
    """One row of the table."""

    method: str
    path: str
    name: str
    answers: tuple[str, ...]

    @property
    def safe(self) -> bool:
        return self.method in (*SAFE, "SOCKET", "MOUNT")

    @property
    def http(self) -> bool:
        return self.method not in ("SOCKET", "MOUNT")

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def _read(table: str) -> list[Door]:
    rows = [line.split() for line in table.strip().splitlines() if not line.startswith("#")]
    return [Door(method, path, name, tuple(answers)) for method, path, name, *answers in rows]


DOORS = _read(_TABLE)


def doors_of(app: Board) -> set[tuple[str, str, str]]:
    """Method, path and name of all that the application answers; HEAD goes with GET."""
    found = set()
    for route in app.routes:
        match route:
            case Route():
                found |= {(method, route.path, route.name) for method in (route.methods or set()) - {"HEAD"}}
            case WebSocketRoute():
                found.add(("SOCKET", route.path, route.name))
            case Mount():
                found.add(("MOUNT", route.path, route.name))
            case _:
                raise AssertionError(f"what is {route!r}?")
    return found


class WillingGateway:
    """A provider that starts every sign-in, and says of whoever comes back that they are the ``code``."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.providers = {"council": Provider(key="council", kind="oidc", label="The council")}
        self._count = itertools.count()

    def server_for(self, key: str, typed: str) -> str:
        return ""

    async def begin(self, key: str, **_: Any) -> Started:
        state = f"state-{next(self._count)}"
        return Started(f"https://council.example/authorize?state={state}", state, "nonce", "verifier")

    async def finish(self, key: str, *, query: Mapping[str, str], **_: Any) -> Proved:
        return Proved(ISSUER, query["code"], name=query["code"].title(), sid="sid", id_token="an.id.token")

    async def logout_url(self, *_: Any, **__: Any) -> str | None:
        return None

    async def read_logout_token(self, key: str, token: str) -> Any:
        raise Tampered("it is no token")


def browser_at(app: Board, token: str = "") -> httpx2.AsyncClient:
    """A browser on the board's own origin, whatever that is."""
    settings = app.state.kit.settings
    client = client_for(app)
    client.base_url = httpx2.URL(settings.origin)
    client.headers["Origin"] = settings.origin
    if token:
        client.cookies.set(web.cookie_name(settings, "session"), token)
    return client


@dataclass
class World:
    """A board with the cast, where each role can knock at each door with things of its own."""

    app: Board
    desk: Desk
    cast: Cast
    post: int = 0
    _count: Any = field(default_factory=itertools.count)

    def viewer(self, role: str) -> Viewer:
        found: Viewer = NOBODY if role == "stranger" else getattr(self.cast, role)
        return found

    async def sign_in(self, role: str) -> str:
        """The token of a fresh session; "" for the stranger."""
        who = self.viewer(role)
        if who.id is None:
            return ""
        token = f"{role}-{next(self._count)}".ljust(43, "-")
        async with self.desk.writing() as work:
            work.session.add(await self._session(work, who.id, token))
        return token

    async def _session(self, work: Any, person_id: int, token: str) -> Session:
        identity = await work.session.scalar(
            text("SELECT min(id) FROM identities WHERE person_id = :id").bindparams(id=person_id)
        )
        return Session(
            person_id=person_id,
            identity_id=identity,
            token_hash=web.hashed(token),
            started_at=work.now,
            seen_at=work.now,
            ends_at=work.now + timedelta(days=30),
        )

    async def path(self, door: Door) -> str:
        """The door's address, leading to something of Ada's (or to Bo's offer to her)."""
        async with self.desk.writing(self.cast.ada) as work:
            ada = self.cast.ada.id
            assert ada is not None
            if "{session" in door.path:
                other = await self._session(work, ada, f"other-{next(self._count)}")
                work.session.add(other)
                await work.session.flush()
                found: Mapping[str, Any] = {"session": other.id}
            elif "{identity" in door.path:
                subject = f"second-{next(self._count)}"
                identity = Identity(
                    person_id=ada,
                    provider="council",
                    issuer="i",
                    subject=subject,
                    label="",
                    added_at=work.now,
                )
                work.session.add(identity)
                await work.session.flush()
                found = {"identity": identity.id}
            elif door.path.startswith("/organisations/"):
                found = await council(work, self.cast)
            elif door.path.startswith("/offers/"):
                work.viewer = self.cast.bo
                offer = await make_offer(work, self.cast.problem, what=f"A van, {next(self._count)}")
                if door.path.endswith(("/ending", "/contact")):
                    work.viewer = self.cast.ada
                    await welcome_offer(work, offer)
                found = {"id": offer}
            elif "/needs" in door.path:
                # A problem that nobody has to do with yet but Ada.
                number = (await post_problem(work, Told())).id
                found = {"number": number}
                if "{id" in door.path:
                    found = {"id": await add_need(work, number, kind="thing", what=f"A ladder, {next(self._count)}")}
            elif door.path.startswith("/asks/"):
                await work.session.execute(text("DELETE FROM blocks"))
                need = await add_need(
                    work, (await post_problem(work, Told())).id, kind="skill", what="Who knows drains"
                )
                found = {"id": await a_standing_ask(work, need, self.cast.bo.id or 0)}
            elif "/convenor" in door.path:
                found = await self._convened(work, door)
            elif "/members/{id" in door.path:
                found = {"id": await write_members_post(work, self.cast.problem, words="The pump is at mine.")}
            elif "/invitations/{id" in door.path:
                found = {"id": await self._network(work)}
            elif "/posts/{id" in door.path:
                found = {"id": self.post}
            else:
                found = {
                    "id": 7,
                    "provider": "council",
                    "name": "problem",
                    "handle": "ada",
                    "slug": _SLUG,
                    "tag": "drainage",
                }
        values = {"number": self.cast.problem, **found}
        return door.path.replace(":int}", "}").replace(":str}", "}").format_map(values)

    async def _convened(self, work: Work, door: Door) -> Mapping[str, int]:
        """A fresh problem of Ada's, on which Bo and Cy have spoken. Bo would look after it, or does."""
        await work.session.execute(text("DELETE FROM blocks"))
        number = (await post_problem(work, Told())).id
        for work.viewer in (self.cast.cy, self.cast.bo):
            await write_post(work, number, kind="reply", capacity="neighbour", words="I saw it too.")
        if door.path.endswith("/convenor"):
            return {"number": number}
        await look_after(work, number)
        (question,) = await waiting_on(work, number)
        if "{id" not in door.path:
            work.viewer = self.cast.ada
            await agree_to_convening(work, number, question.id)
        return {"number": number, "id": question.id}

    async def _network(self, work: Work) -> int:
        """The number of another problem, of Bo's, whose people stay together."""
        work.viewer = self.cast.bo
        number = (await post_problem(work, Told(title=f"A lamp is out, {next(self._count)}"))).id
        await stay_together(work, number, name="The lamplighters", about="Ladders, lamps and whom to ring.")
        return number

    def form(self, door: Door) -> dict[str, str]:
        fresh = {"tag": f"a word of its own {next(self._count)}"} if door.name == "create_skill" else {}
        named = {"contact_for": str(self.cast.ada.id)} if door.name == "update_contact" else {}
        return {**FORMS.get(door.name, {}), **fresh, **named}

    async def client(self, role: str) -> httpx2.AsyncClient:
        """A browser with a fresh session of this role's."""
        client = browser_at(self.app, await self.sign_in(role))
        client.cookies.set(web.cookie_name(self.app.state.kit.settings, "browser"), BROWSER)
        return client

    async def knock(self, door: Door, role: str, **headers: str) -> httpx2.Response:
        path = await self.path(door)
        async with await self.client(role) as client:
            data = None if door.safe else self.form(door)
            return await client.request(door.method, path, data=data, headers=headers)

    async def state(self) -> str:
        """A fingerprint of all that people have put on the board, and of who is signed in."""
        tables = "problems problem_revisions posts post_revisions offers members affected follows abilities"
        tables += " asks rounds networks members_posts notices waved_away"
        tables += " skills blocks organisations affiliations affiliation_requests wanted_claims vouchings"
        tables += " stage_changes needs contacts people identities sessions drafts login_attempts newcomers events"
        parts = " || ".join(
            f"(SELECT count(*) || coalesce(md5(string_agg({row}::text, '|' ORDER BY {row}::text)), '') FROM {t} t)"
            for t in tables.split()
            for row in ["t"]
        )
        async with self.desk.reading() as work:
            return str(await work.session.scalar(text(f"SELECT md5({parts})")))


@asynccontextmanager
async def open_world(
    postgres: EmbeddedPostgres, template: str, name: str, folder: Path, **settings: Any
) -> AsyncIterator[World]:
    """A board on a database of its own, with a post of Ada's and a willing gateway."""
    url = postgres.create_database(name, template)
    values: dict[str, Any] = {
        "environment": "test",
        "DATABASE_URL": url,
        "origin": ORIGIN,
        "secret": "a secret for tests, long enough to be one",
        "data": folder,
        "rate_scale": 1000,
        "board_name": "Millbrook",
        "meaning": "none",
    }
    try:
        async with running(Settings(**(values | settings))) as app:
            desk: Desk = app.state.kit.desk
            app.state.kit.parts[Gateway] = WillingGateway(app.state.kit.settings.origin)
            world = World(app, desk, await gather(desk))
            async with desk.writing(world.cast.ada) as work:
                await add_word(work, tag="drainage", synonyms=["drains"], about="Where the water goes.")
                world.post = await write_post(
                    work,
                    world.cast.problem,
                    kind="reply",
                    capacity="neighbour",
                    words="It came again on Monday.",
                )
            yield world
    finally:
        postgres.drop_database(name)
