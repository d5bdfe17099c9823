"""Run as a program: the board's own logs, on standard error, while people sign in and things break.

``python -m tests.security.log_probe <database address> <folder> <json|text>``
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from sqlalchemy import text

from civicboard.kit import logs
from civicboard.people.gateway import Gateway
from civicboard.settings import Settings
from tests.cast import gather
from tests.conftest import ORIGIN, running
from tests.house.doors import WillingGateway, browser_at

#: None of these may stand in a log, in any encoding of theirs.
CANARIES = {
    "code": "c0de-canary-8f3a",
    "state": "5tate-canary-77aa",
    "token": "t0ken-canary-99",
    "words": "w0rds-canary-what-somebody-wrote",
    "search": "s3arch-canary",
    "cookie": "c00kie-canary-".ljust(43, "x"),
    "secret": "s3cret-canary-of-this-board-long-enough",
    "address": "203.0.113.77",
    "agent": "Ag3nt-canary",
}


def fails(*_: object) -> None:
    raise RuntimeError(f"GET https://council.example/?code={CANARIES['code']}&state={CANARIES['state']} broke")


async def main(database_url: str, folder: Path, as_json: bool) -> None:
    logs.configure(json=as_json, level="debug")
    settings = Settings(
        environment="test",
        DATABASE_URL=database_url,
        origin=ORIGIN,
        secret=CANARIES["secret"],
        data=folder,
        rate_scale=1000,
    )
    async with running(settings) as app:
        held = app.state.kit
        held.parts[Gateway] = WillingGateway(ORIGIN)
        cast = await gather(held.desk)
        async with browser_at(app, cast.tokens["ada"]) as client:
            client.headers["User-Agent"] = CANARIES["agent"]
            client.headers["X-Forwarded-For"] = CANARIES["address"]
            client.headers["Authorization"] = f"Bearer {CANARIES['token']}"
            client.cookies.set("browser", CANARIES["cookie"])
            begun = await client.post("/login/council", data={"next": "/", "link": "yes"})
            state = re.findall(r"state=(state-\d+)", begun.text)[0]
            await client.get(f"/login/council/callback?state={state}&code={CANARIES['code']}")
            await client.get(
                f"/login/council/callback?state={CANARIES['state']}&code={CANARIES['code']}&id_token={CANARIES['token']}"
            )
            await client.get(f"/login/nobody/callback?state={CANARIES['state']}&code={CANARIES['code']}")
            await client.post("/login/council/logout", data={"logout_token": CANARIES["token"]})
            await client.get(f"/search?q={CANARIES['search']}")
            await client.put("/drafts/problem", data={"story": CANARIES["words"]})
            await client.post(f"/problems/{cast.problem}/posts", data={"words": CANARIES["words"]})
            await client.post("/problems", data={"title": CANARIES["words"]})
            await client.post(
                f"/problems?token={CANARIES['token']}", headers={"Origin": f"https://{CANARIES['token']}.example"}
            )
            # What goes wrong within, with people's words in its hands.
            async with held.desk.writing() as work:
                await work.session.execute(text("ALTER TABLE posts ADD CONSTRAINT broken CHECK (id < 0) NOT VALID"))
            broken = await client.post(f"/problems/{cast.problem}/posts", data={"words": CANARIES["words"]})
            assert broken.status_code == 500, broken.status_code
            held.desk.writing = fails
            assert (await client.post("/account", data={"name": CANARIES["words"]})).status_code == 500
    print("done", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "json"))
