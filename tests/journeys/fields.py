"""Every form of the board and every field in it, with what becomes of words that nobody should type there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``kept`` words are shown, ``refused`` ones come back with a message, ``refused later`` ones too, once all else is
#: right. ``ignored`` ones do nothing.
Fate = Literal["kept", "refused", "refused later", "ignored"]


@dataclass(frozen=True)
class Field:
    """A field: what kind of control the browser says it is, and what a neighbour would put there (``usual``)."""

    name: str
    kind: str
    fate: Fate
    usual: str = ""
    shortest: int = 1
    longest: int = 10_000

    def fit(self, payload: str) -> str:
        """The payload, said again until it is long enough, and cut where words would be refused for their length."""
        if self.fate == "kept":
            payload = " ".join([payload] * (self.shortest // (len(payload) - 4) + 1))[: self.longest].rstrip()
        return payload


@dataclass(frozen=True)
class Form:
    """A form: ``page`` it stands on, the address it goes to, whose it is, and the button that sends it.

    Addresses hold ``{problem}``, ``{post}``, ``{offer}``, ``{request}`` and ``{affiliation}``; no page means that
    it is on every page.
    """

    page: str
    action: str
    who: Literal["ada", "bo", "newcomer"]
    button: str
    fields: tuple[Field, ...] = ()

    def named(self, *fates: Fate) -> list[Field]:
        return [one for one in self.fields if one.fate in fates]

    def values(self, payload: str, *fates: Fate) -> dict[str, str]:
        """The form as a neighbour fills it in, but for the payload in every field of these fates."""
        return {one.name: one.fit(payload) if one.fate in fates else one.usual for one in self.fields}


CSRF = Field("csrf", "hidden", "ignored")
KEY = Field("key", "hidden", "refused")
PREVIEW = (Field("of", "hidden", "ignored"), Field("do", "submit", "ignored"))
PLACE = Field("place", "select-one", "refused later")

PROBLEM = (
    CSRF,
    KEY,
    *PREVIEW,
    Field("title", "text", "kept", "The towpath floods", shortest=8, longest=120),
    Field("story", "textarea", "kept", "Each time it rains, ankle deep.", shortest=20),
    PLACE,
    Field("whereabouts", "text", "kept", longest=160),
    Field("coordinates", "text", "refused"),
    Field("tags", "text", "refused"),
    Field("help_wanted", "text", "kept", longest=160),
)
POST_PROBLEM = Form("/problems/new", "/problems", "ada", "Post it", PROBLEM)
EDIT_PROBLEM = Form(
    "/problems/{problem}/edit",
    "/problems/{problem}/edit",
    "ada",
    "Save",
    (*PROBLEM, Field("why", "text", "kept", longest=160), Field("revision", "hidden", "refused")),
)
REPLY = Form(
    "/problems/{problem}",
    "/problems/{problem}/posts",
    "bo",
    "Post it",
    (
        CSRF,
        KEY,
        *PREVIEW,
        Field("quotes", "hidden", "refused"),
        Field("words", "textarea", "kept", "Good morning."),
        Field("kind", "radio", "refused", "reply"),
        Field("capacity", "radio", "refused", "neighbour"),
    ),
)
EDIT_POST = Form(
    "/problems/{problem}/posts/{post}/edit",
    "/problems/{problem}/posts/{post}/edit",
    "bo",
    "Save",
    (
        CSRF,
        *PREVIEW,
        Field("version", "hidden", "refused"),
        Field("words", "textarea", "kept", "Good evening."),
    ),
)
OFFER = Form(
    "/problems/{problem}/offers/new",
    "/problems/{problem}/offers",
    "bo",
    "Offer this",
    (
        CSRF,
        KEY,
        Field("what", "text", "kept", "A pump", shortest=3, longest=120),
        Field("words", "textarea", "kept", longest=2000),
        Field("hours", "text", "refused", "1.5"),
        Field("until", "date", "refused"),
    ),
)
WELCOME = Form(
    "/offers/{offer}",
    "/offers/{offer}/welcome",
    "ada",
    "Welcome this offer",
    (CSRF, Field("words", "textarea", "kept", longest=500)),
)
REFUSAL = Form(
    "/offers/{offer}",
    "/offers/{offer}/refusal",
    "ada",
    "Decline with this kind word",
    (CSRF, Field("reason", "textarea", "kept", "Thank you.", shortest=3, longest=500)),
)
STAGE = Form(
    "/problems/{problem}/stage",
    "/problems/{problem}/stage",
    "ada",
    "Change the stage",
    (CSRF, KEY, Field("to", "radio", "refused"), Field("why", "textarea", "kept", "We begin.", longest=2000)),
)
ACCOUNT = Form(
    "/account",
    "/account",
    "bo",
    "Save",
    (
        CSRF,
        Field("name", "text", "kept", "Bo Adeyemi", longest=80),
        Field("about", "textarea", "kept", longest=2000),
        PLACE,
        Field("shows_presence", "checkbox", "refused", "yes"),
    ),
)
AFFILIATION = Form(
    "/organisations/millbrook-council/affiliation",
    "/organisations/millbrook-council/affiliation",
    "bo",
    "Ask",
    (
        CSRF,
        Field("role", "radio", "refused", "officer"),
        PLACE,
        Field("title", "text", "kept", longest=80),
        Field("words", "textarea", "kept", longest=500),
    ),
)
CONFIRMATION = Form(
    "/organisations/millbrook-council/requests/{request}",
    "/organisations/millbrook-council/requests/{request}/confirmation",
    "ada",
    "Confirm it",
    (CSRF, Field("words", "textarea", "kept", longest=500)),
)
NO_CONFIRMATION = Form(
    "/organisations/millbrook-council/requests/{request}",
    "/organisations/millbrook-council/requests/{request}/refusal",
    "ada",
    "Say no",
    (CSRF, Field("reason", "textarea", "kept", "Not yet.", shortest=3, longest=500)),
)
ABILITIES = Form(
    "/account/abilities",
    "/account/abilities",
    "bo",
    "Put it on your page",
    (
        CSRF,
        Field("tags", "text", "refused"),
        Field("words", "textarea", "kept", longest=2000),
        Field("lends", "textarea", "kept", longest=500),
    ),
)
NEW_ACCOUNT = Form(
    "/account/new",
    "/account/new",
    "newcomer",
    "Make my account",
    (
        CSRF,
        Field("name", "text", "kept", "Eve", longest=80),
        Field("handle", "text", "refused"),
        PLACE,
    ),
)
SIGN_IN = Form(
    "/login", "/login/town", "newcomer", "Go on with Town hall", (CSRF, Field("next", "hidden", "ignored", "/"))
)
SIGN_IN_AT = Form(
    "/login",
    "/login/fediverse",
    "newcomer",
    "Go on with Fediverse",
    (CSRF, Field("next", "hidden", "ignored", "/"), Field("server", "text", "refused later")),
)
LINK = Field("link", "hidden", "refused", "yes")
ADD = Form("/account", "/login/town", "bo", "Add Town hall", (CSRF, LINK))
ADD_AT = Form(
    "/account", "/login/fediverse", "bo", "Add Fediverse", (CSRF, LINK, Field("server", "text", "refused later"))
)
SEARCH = Form("/search", "/search", "newcomer", "Search", (Field("q", "search", "kept", longest=200),))
FILTERS = Form(
    "/?stage=open&needs=1&mine=1&tag=drains",
    "/",
    "bo",
    "Show these",
    (
        Field("stage", "hidden", "ignored"),
        Field("needs", "hidden", "ignored"),
        Field("mine", "hidden", "ignored"),
        Field("place", "select-one", "ignored"),
        Field("tag", "text", "ignored"),
        Field("sort", "select-one", "ignored"),
    ),
)
#: Forms that somebody writes in.
WRITTEN = (
    POST_PROBLEM,
    EDIT_PROBLEM,
    REPLY,
    EDIT_POST,
    OFFER,
    WELCOME,
    REFUSAL,
    STAGE,
    ACCOUNT,
    ABILITIES,
    AFFILIATION,
    CONFIRMATION,
    NO_CONFIRMATION,
    NEW_ACCOUNT,
    SIGN_IN,
    SIGN_IN_AT,
    ADD,
    ADD_AT,
    SEARCH,
    FILTERS,
)
_COUNCIL = "/organisations/millbrook-council"
#: Forms that are only pressed: they hold nothing but what shows that they come from here.
PRESSED = (
    Form("/problems/{problem}", "/problems/{problem}/affected", "bo", "This affects me too", (CSRF,)),
    Form("/problems/{problem}", "/problems/{problem}/follow", "bo", "Follow", (CSRF,)),
    Form("/offers/{offer}", "/offers/{offer}/withdrawal", "bo", "Withdraw this offer", (CSRF,)),
    Form("/account", "/account/sessions", "bo", "Sign out everywhere else", (CSRF,)),
    Form("/account", "/account/sessions/{session}", "bo", "Sign out", (CSRF,)),
    Form("/account", "/account/identities/{identity}", "bo", "Remove", (CSRF,)),
    Form("/account/affiliations", "/organisations/millbrook-council/affiliation", "bo", "Take it back", (CSRF,)),
    Form(_COUNCIL, f"{_COUNCIL}/people/{{affiliation}}", "ada", "No longer here", (CSRF,)),
    Form(_COUNCIL, f"{_COUNCIL}/people/{{affiliation}}/steward", "ada", "Name steward", (CSRF,)),
    Form("", "/logout", "bo", "Sign out", (CSRF,)),
    Form("", "", "newcomer", "Close", (Field("shortcuts-on", "checkbox", "ignored"),)),
)
#: Forms that keep themselves, with the names of their drafts.
DRAFTS = (
    (POST_PROBLEM, "problem"),
    (EDIT_PROBLEM, "edit:{problem}"),
    (STAGE, "stage:{problem}"),
    (WELCOME, "welcome:{offer}"),
    (REFUSAL, "refusal:{offer}"),
    (REPLY, "reply:{problem}"),
    (EDIT_POST, "post:{post}"),
    (OFFER, "offer:{problem}"),
    (ABILITIES, "abilities"),
)
#: What pages read from their addresses.
ASKED_FOR = (
    *("place", "tag", "stage", "sort", "needs", "mine", "after", "before", "quote", "said", "next", "q", "afresh"),
    *("state", "code", "error", "error_description", "iss", "on", "cursor"),
)
