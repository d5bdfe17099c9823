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

    Addresses hold ``{problem}``, ``{post}``, ``{need}``, ``{ask}``, ``{offer}``, ``{welcomed}``, ``{request}``,
    ``{affiliation}``, ``{note}`` and ``{network}``; no page means that it is on every page.
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
#: Whom the form names as those who may see how somebody can be reached.
CONTACT_FOR = Field("contact_for", "hidden", "refused")
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
    "/problems/{problem}/needs/new",
    "/problems/{problem}/needs",
    "ada",
    "Add this need",
    (CSRF, KEY, Field("wish", "hidden", "refused"), *NEED_FIELDS),
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
        CONTACT_FOR,
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
    (CSRF, CONTACT_FOR, Field("contact", "text", "kept", longest=200)),
)
REFUSAL = Form(
    "/offers/{offer}",
    "/offers/{offer}/refusal",
    "ada",
    "Decline with this kind word",
    (CSRF, Field("reason", "textarea", "kept", "Thank you.", shortest=3, longest=500)),
)
MEMBERS_POST = Form(
    "/problems/{problem}/network/members",
    "/problems/{problem}/network/members",
    "ada",
    "Send it to the members",
    (CSRF, KEY, *PREVIEW, Field("words", "textarea", "kept", "The key is under the pot.")),
)
EDIT_MEMBERS_POST = Form(
    "/problems/{problem}/network/members/{note}/edit",
    "/problems/{problem}/network/members/{note}/edit",
    "ada",
    "Save",
    (
        CSRF,
        *PREVIEW,
        Field("version", "hidden", "refused"),
        Field("words", "textarea", "kept", "The key is with Bo."),
    ),
)
TOGETHER = Form(
    "/problems/{problem}/network/together",
    "/problems/{problem}/network/together",
    "ada",
    "Put us on the list",
    (
        CSRF,
        Field("name", "text", "kept", "The crew", shortest=3, longest=80),
        Field("about", "textarea", "kept", "Pumps and patience.", shortest=10, longest=500),
    ),
)
INVITATION = Form(
    "/problems/{problem}/network/invitations/{network}",
    "/problems/{problem}/network/invitations/{network}",
    "ada",
    "Ask them to join in",
    (CSRF, Field("words", "textarea", "kept", longest=500)),
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
    "Next",
    (
        CSRF,
        Field("tags", "text", "refused"),
        Field("words", "textarea", "kept", longest=2000),
        Field("things", "textarea", "kept", longest=200),
        Field("rooms", "textarea", "kept", longest=200),
        Field("languages", "text", "refused"),
    ),
)
ABILITY_TIMES = Form(
    "/account/abilities/when",
    "/account/abilities/when",
    "bo",
    "Next",
    (
        CSRF,
        Field("online_only", "checkbox", "refused"),
        *(Field(f"reach_{slug}", "checkbox", "ignored") for slug in ("brook", "brook-lane", "millbrook")),
        *(
            Field(f"free_{day}-{hour}", "checkbox", "ignored")
            for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            for hour in ("morning", "afternoon", "evening")
        ),
        Field("hours_a_week", "text", "refused", "2"),
        Field("quiet_from", "time", "refused", "21:00"),
        Field("quiet_until", "time", "refused", "08:00"),
        Field("timezone", "select-one", "refused"),
    ),
)
ABILITY_AUDIENCE = Form(
    "/account/abilities/who",
    "/account/abilities/who",
    "bo",
    "Save",
    (
        CSRF,
        Field("visibility", "radio", "refused", "public"),
        Field("asks_a_week", "radio", "refused", "2"),
    ),
)
WORD = Form(
    "/skills",
    "/skills",
    "bo",
    "Add it",
    (
        CSRF,
        Field("tag", "text", "refused", "drainage"),
        Field("synonyms", "text", "refused"),
        Field("about", "text", "kept", longest=160),
    ),
)
FIND_WORD = Form("/skills", "/skills", "newcomer", "Look it up", (Field("q", "search", "kept", longest=60),))
NETWORKS = Form("/networks", "/networks", "newcomer", "Find", (Field("q", "search", "kept", longest=200),))
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
    AFFILIATION,
    CONFIRMATION,
    NO_CONFIRMATION,
    ABILITY_TIMES,
    ABILITY_AUDIENCE,
    WORD,
    NEW_ACCOUNT,
    SIGN_IN,
    SIGN_IN_AT,
    ADD,
    ADD_AT,
    SEARCH,
    FIND_WORD,
    FILTERS,
    MEMBERS_POST,
    EDIT_MEMBERS_POST,
    TOGETHER,
    INVITATION,
    NETWORKS,
)
_COUNCIL = "/organisations/millbrook-council"
#: Forms that are only pressed: they hold nothing but what shows that they come from here.
PRESSED = (
    Form("/problems/{problem}", "/problems/{problem}/affected", "bo", "This affects me too", (CSRF,)),
    Form("/problems/{problem}", "/problems/{problem}/follow", "bo", "Follow", (CSRF,)),
    Form("/problems/{problem}/network", "/problems/{problem}/network/membership", "bo", "Step out", (CSRF,)),
    Form("/offers/{offer}", "/offers/{offer}/withdrawal", "bo", "Withdraw this offer", (CSRF,)),
    Form("/needs/{need}", "/needs/{need}/settlement", "ada", "It is met", (CSRF,)),
    Form("/needs/{need}", "/needs/{need}/dismissal", "ada", "It is no longer needed", (CSRF,)),
    Form("/needs/{need}/people", "/needs/{need}/round", "ada", "Don’t ask round for this", (CSRF,)),
    Form("/needs/{need}/people", "/asks/{ask}/withdrawal", "ada", "Take it back", (CSRF,)),
    Form("/for-you", "/for-you/less/{problem}", "bo", "Less like this", (CSRF, Field("answer", "submit", "ignored"))),
    Form("/notices", "/notices?until={offer}", "ada", "Mark all as read", (CSRF, Field("answer", "submit", "ignored"))),
    Form("/account", "/account/sessions", "bo", "Sign out everywhere else", (CSRF,)),
    Form("/account", "/account/sessions/{session}", "bo", "Sign out", (CSRF,)),
    Form("/account", "/account/identities/{identity}", "bo", "Remove", (CSRF,)),
    Form("/account/affiliations", "/organisations/millbrook-council/affiliation", "bo", "Take it back", (CSRF,)),
    Form(_COUNCIL, f"{_COUNCIL}/people/{{affiliation}}", "ada", "No longer here", (CSRF,)),
    Form(_COUNCIL, f"{_COUNCIL}/people/{{affiliation}}/steward", "ada", "Name steward", (CSRF,)),
    Form("/people/ada", "/people/ada/block", "bo", "I want nothing to do with this person", (CSRF,)),
    Form("/account", "/people/cy/block", "bo", "Take that back", (CSRF,)),
    Form("", "/logout", "bo", "Sign out", (CSRF,)),
    Form("", "", "newcomer", "Close", (Field("shortcuts-on", "checkbox", "ignored"),)),
)
#: One problem that Bo looks after, and one that he would.
_CONVENED, _ASKED = "/problems/{network}/convenor", "/problems/{problem}/convenor"
#: Forms of pages that are there only once somebody has said something: tests/skills/, tests/matching/ and
#: tests/networks/ type there.
OTHERS = (
    Form(_CONVENED, f"{_CONVENED}/renewal", "bo", "30 days from today", (CSRF,)),
    Form(_CONVENED, _CONVENED, "bo", "Put it down", (CSRF,)),
    Form(_ASKED, f"{_ASKED}/successor", "ada", "Ask them", (CSRF, Field("who", "select-one", "refused"))),
    Form(_ASKED, f"{_ASKED}/questions/{{question}}", "bo", "Take that back", (CSRF,)),
    Form(
        _ASKED,
        f"{_ASKED}/questions/{{question}}/answer",
        "ada",
        "Yes, please",
        (CSRF, Field("answer", "submit", "ignored")),
    ),
    Form(
        "/needs/{need}/asks/new",
        "/needs/{need}/asks",
        "ada",
        "Ask whoever fits",
        (
            CSRF,
            Field("who", "hidden", "refused later"),
            Field("words", "textarea", "kept", longest=500),
            Field("contact", "text", "kept", longest=200),
        ),
    ),
    Form(
        "/asks/{ask}",
        "/asks/{ask}/answer",
        "bo",
        "Yes, I can help",
        (
            CSRF,
            Field("answer", "hidden", "refused", "yes"),
            Field("words", "textarea", "kept", longest=500),
            CONTACT_FOR,
            Field("contact", "text", "kept", longest=200),
            Field("instead", "text", "refused later"),
        ),
    ),
    Form(
        "/account/abilities/levels",
        "/account/abilities/levels",
        "bo",
        "Next",
        (CSRF, Field("level_pumps", "select-one", "refused")),
    ),
    Form("/skills/pumps", "/skills/pumps/synonyms", "bo", "Add it", (CSRF, Field("word", "text", "refused"))),
    Form("/skills/pumps", "/skills/pumps/synonyms", "bo", "Take it out", (CSRF, Field("word", "hidden", "ignored"))),
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
    (MEMBERS_POST, "members:{problem}"),
    (TOGETHER, "together:{problem}"),
    (INVITATION, "invitation:{network}"),
    (ABILITIES, "abilities"),
    (ABILITY_TIMES, "abilities-when"),
    (ABILITY_AUDIENCE, "abilities-who"),
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
    *("for", "state", "code", "error", "error_description", "iss", "on", "cursor", "until"),
)
