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

    Addresses hold ``{problem}``, ``{post}``, ``{need}``, ``{offer}`` and ``{welcomed}``; no page means that it is on
    every page.
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
NEED_FIELDS = (
    Field("kind", "radio", "refused", "thing"),
    Field("what", "text", "kept", "A long ladder", shortest=3, longest=120),
    Field("words", "textarea", "kept", longest=2000),
    Field("hours", "text", "refused", "1.5"),
    Field("by", "date", "refused"),
    Field("where", "radio", "refused", "either"),
    Field("tags", "text", "refused"),
)
NEED = Form(
    "/problems/{problem}/needs/new", "/problems/{problem}/needs", "ada", "Add this need", (CSRF, KEY, *NEED_FIELDS)
)
EDIT_NEED = Form(
    "/needs/{need}/edit",
    "/needs/{need}/edit",
    "ada",
    "Save this need",
    (CSRF, Field("version", "hidden", "refused"), *NEED_FIELDS),
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
        Field("need", "select-one", "refused"),
        Field("limits", "text", "kept", longest=160),
        Field("contact", "text", "kept", longest=200),
    ),
)
WELCOME = Form(
    "/offers/{offer}",
    "/offers/{offer}/welcome",
    "ada",
    "Welcome this offer",
    (CSRF, Field("contact", "text", "kept", longest=200), Field("words", "textarea", "kept", longest=500)),
)
ENDING = Form(
    "/offers/{welcomed}",
    "/offers/{welcomed}/ending",
    "bo",
    "This is done",
    (CSRF, Field("hours_given", "text", "refused")),
)
CONTACT = Form(
    "/offers/{welcomed}",
    "/offers/{welcomed}/contact",
    "bo",
    "Keep this",
    (CSRF, Field("contact", "text", "kept", longest=200)),
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
        Field("need", "select-one", "ignored"),
        Field("sort", "select-one", "ignored"),
    ),
)
#: Forms that somebody writes in.
WRITTEN = (
    POST_PROBLEM,
    EDIT_PROBLEM,
    REPLY,
    EDIT_POST,
    NEED,
    EDIT_NEED,
    OFFER,
    WELCOME,
    REFUSAL,
    ENDING,
    CONTACT,
    STAGE,
    ACCOUNT,
    ABILITIES,
    NEW_ACCOUNT,
    SIGN_IN,
    SIGN_IN_AT,
    ADD,
    ADD_AT,
    SEARCH,
    FILTERS,
)
#: Forms that are only pressed: they hold nothing but what shows that they come from here.
PRESSED = (
    Form("/problems/{problem}", "/problems/{problem}/affected", "bo", "This affects me too", (CSRF,)),
    Form("/problems/{problem}", "/problems/{problem}/follow", "bo", "Follow", (CSRF,)),
    Form("/offers/{offer}", "/offers/{offer}/withdrawal", "bo", "Withdraw this offer", (CSRF,)),
    Form("/needs/{need}", "/needs/{need}/settlement", "ada", "It is met", (CSRF,)),
    Form("/needs/{need}", "/needs/{need}/dismissal", "ada", "It is no longer needed", (CSRF,)),
    Form("/account", "/account/sessions", "bo", "Sign out everywhere else", (CSRF,)),
    Form("/account", "/account/sessions/{session}", "bo", "Sign out", (CSRF,)),
    Form("/account", "/account/identities/{identity}", "bo", "Remove", (CSRF,)),
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
    (NEED, "need:{problem}"),
    (OFFER, "offer:{problem}"),
    (ABILITIES, "abilities"),
)
#: What pages read from their addresses.
ASKED_FOR = (
    *(
        "place",
        "tag",
        "stage",
        "sort",
        "needs",
        "need",
        "mine",
        "from",
        "thanks",
        "after",
        "before",
        "quote",
        "said",
        "next",
        "q",
        "afresh",
    ),
    *("state", "code", "error", "error_description", "iss", "on", "cursor"),
)
