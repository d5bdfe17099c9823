"""What stands between the network and the application, as pure ASGI middleware, outermost first:

``SecurityHeaders(BadInput(BodyCap(MethodOverride(SameOrigin(Starlette(...))))))``

Wrap the whole application in it rather than passing it to ``Starlette(middleware=...)``: the page for a
server error is made outside of that list, and needs the headers most. A refusal goes through a ``Refuse``, so
that it is a readable page.
"""

from __future__ import annotations

from civicboard.kit.safety.headers import SecurityHeaders
from civicboard.kit.safety.input import BadInput, BodyCap, MethodOverride
from civicboard.kit.safety.refusing import Refuse
from civicboard.kit.safety.same_origin import SAFE_METHODS, SameOrigin, browser_cookie, csrf_token, new_browser

__all__ = [
    "SAFE_METHODS",
    "BadInput",
    "BodyCap",
    "MethodOverride",
    "Refuse",
    "SameOrigin",
    "SecurityHeaders",
    "browser_cookie",
    "csrf_token",
    "new_browser",
]
