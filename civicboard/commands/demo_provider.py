"""``civicboard demo-provider``: the demo's sign-in, for trying the board out on this machine only."""

from __future__ import annotations

import uvicorn

from civicboard.demo import FOLDER
from civicboard.demo.provider import Client, Person, create_provider, read_cast
from civicboard.settings import Settings


def serve_provider(settings: Settings, port: int, boards: list[str]) -> None:
    """Serve the demo's identity provider on this machine, for the boards at these origins, until told to stop."""
    client = Client(
        client_id="civicboard",
        client_secret="demo",  # noqa: S106  # it says so
        redirect_uris=tuple(f"{origin}/login/demo/callback" for origin in boards),
        post_logout_redirect_uris=tuple(f"{origin}/" for origin in boards),
        backchannel_logout_uri=f"{boards[0]}/login/demo/logout",
    )
    newcomer = Person("demo-newcomer", "newcomer", "Somebody new", "Has no account yet: see how joining works")
    provider = create_provider(
        f"http://127.0.0.1:{port}",
        [client],
        [*read_cast(FOLDER / "people.json"), newcomer],
        settings.data / "demo-key.pem",
    )
    uvicorn.run(provider, host="127.0.0.1", port=port, log_config=None, access_log=False)
