"""Between a request and the house: whose request it is, beginning work, and answering with a page or a partial."""

from __future__ import annotations

from civicboard.kit.web.answers import FLASHES, base_context, form_at, moment, page, see, show
from civicboard.kit.web.asking import (
    Handler,
    Kit,
    SignInFirst,
    by_htmx,
    kit,
    number_in,
    reading,
    require_account,
    viewer,
    writing,
)
from civicboard.kit.web.browsers import (
    browser_hash,
    cookie_name,
    drop_cookie,
    hashed,
    keep_cookie,
    known_browser_hash,
)
from civicboard.kit.web.counting import TooMany, address, limit
from civicboard.kit.web.form_pages import form_state, otherwise, preview_of, previews
from civicboard.kit.web.sharing import shared

__all__ = [
    "FLASHES",
    "Handler",
    "Kit",
    "SignInFirst",
    "TooMany",
    "address",
    "base_context",
    "browser_hash",
    "by_htmx",
    "cookie_name",
    "drop_cookie",
    "form_at",
    "form_state",
    "hashed",
    "keep_cookie",
    "kit",
    "known_browser_hash",
    "limit",
    "moment",
    "number_in",
    "otherwise",
    "page",
    "preview_of",
    "previews",
    "reading",
    "require_account",
    "see",
    "shared",
    "show",
    "viewer",
    "writing",
]
