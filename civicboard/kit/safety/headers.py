"""The headers of every response: what a browser may never do on a page of this board."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POWERS_OFF = (
    "accelerometer autoplay browsing-topics camera display-capture encrypted-media fullscreen gamepad"
    " gyroscope hid idle-detection local-fonts magnetometer microphone midi payment picture-in-picture"
    " publickey-credentials-create publickey-credentials-get screen-wake-lock serial storage-access usb"
    " window-management xr-spatial-tracking"
)


class SecurityHeaders:
    """The headers that tell a browser what a page of this board may never do, on every response.

    ``img_src`` names more hosts for pictures (the tiles of a map). ``form_action`` names the origins that a
    form may end up at by a redirect. ``origin`` adds its ws:// or wss:// form to ``connect-src`` for browsers
    whose ``'self'`` leaves sockets out.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hsts: bool,
        img_src: tuple[str, ...] = (),
        form_action: tuple[str, ...] = (),
        origin: str = "",
    ) -> None:
        self.app = app
        socket = origin.replace("http", "ws", 1)
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": " ".join(("'self'", *img_src)),
            "font-src": "'self'",
            "connect-src": f"'self' {socket}".strip(),
            "form-action": " ".join(("'self'", *form_action)),
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "manifest-src": "'self'",
        }
        self.headers = {
            "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": ", ".join([*(f"{name}=()" for name in _POWERS_OFF.split()), "geolocation=(self)"]),
        }
        if hsts:
            self.headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message.setdefault("headers", [])
                headers = MutableHeaders(raw=message["headers"])
                for name, value in self.headers.items():
                    headers[name] = value
                if headers.get("content-type", "").startswith("text/html"):
                    headers.add_vary_header("HX-Request")
                    headers.add_vary_header("Cookie")
                message["headers"] = headers.raw
            await send(message)

        await self.app(scope, receive, send_with_headers)
