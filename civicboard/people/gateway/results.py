"""What comes back from the outside, and the ways it can fail."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field


class SignInFailed(Exception):
    """A sign-in that did not happen.

    ``str(error)`` is a plain sentence for the person; ``detail`` is for the log, and holds no secret.
    """

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.detail = detail


class UnknownProvider(SignInFailed):
    """No such provider is set up on this board."""

    def __init__(self, key: str) -> None:
        super().__init__("This board doesn't offer that way to sign in.", f"no provider {key!r}")


class Denied(SignInFailed):
    """The person said no, or closed the provider's page."""

    def __init__(self, label: str, detail: str = "") -> None:
        super().__init__(f"You chose not to sign in with {label}. Nothing has changed.", detail)


class ProviderDown(SignInFailed):
    """The provider can't be reached, answers nonsense, or refuses this board's own registration."""

    def __init__(self, label: str, detail: str = "") -> None:
        super().__init__(
            f"{label} isn't answering as it should just now. "
            "Please try again in a little while, or sign in another way.",
            detail,
        )


class Tampered(SignInFailed):
    """Something in the answer doesn't belong to this sign-in: it is thrown away whole."""

    def __init__(self, detail: str = "") -> None:
        super().__init__("That sign-in didn't match the one that was started here. Please start again.", detail)


class BadServer(SignInFailed):
    """The server that the person typed isn't one that people can sign in with."""


@dataclass(frozen=True)
class RememberedApp:
    """This board's registration at one Mastodon server. ``server`` is its address, as in https://mastodon.social."""

    server: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class Started:
    """A sign-in that was begun: send the browser to ``url`` and keep the rest in the state row.

    ``provider_data`` is JSON-able. ``registered`` is a new registration for the caller to remember, or None.
    """

    url: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    provider_data: dict[str, str] = field(default_factory=dict, repr=False)
    registered: RememberedApp | None = None


@dataclass(frozen=True)
class Proved:
    """Who came back. The identity is (``issuer``, ``subject``) and nothing else: never the e-mail address.

    ``name``, ``handle_hint`` and ``email`` are suggestions (empty when unknown), made safe to store but not
    checked for being free. ``picture`` is an https address or empty. ``sid`` names the provider's own
    session, for back-channel logout. ``end_session`` says whether the provider can be told of a sign-out:
    then keep ``id_token`` for that.

    ``email_domain`` is that of a *verified* address, in lower case, and ``claims`` holds the values of those
    claims that were ``wanted``: they may vouch for the person's belonging somewhere. ``is_whole`` says whether
    the provider could be asked for all it has to say.
    """

    issuer: str
    subject: str
    name: str = ""
    handle_hint: str = ""
    email: str = ""
    email_verified: bool = False
    picture: str = ""
    sid: str = ""
    id_token: str = field(default="", repr=False)
    end_session: bool = False
    email_domain: str = ""
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_whole: bool = True


@dataclass(frozen=True)
class LoggedOut:
    """A provider says that a person signed out there.

    End the sessions with this ``issuer`` and ``sid``; with an empty ``sid``, all of ``subject``'s. Refuse a
    (``issuer``, ``jti``) that came before: remembering it for ten minutes is enough, older tokens are not
    accepted.
    """

    issuer: str
    subject: str
    sid: str
    jti: str


def words(claims: Mapping[str, object], name: str, limit: int = 200) -> str:
    """The text of a claim, fit to store: one line of ``limit`` characters, no controls or lone surrogates."""
    value = claims.get(name)
    if not isinstance(value, str):
        return ""
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Cf") else " " for c in value[: limit * 4])
    return " ".join(kept.split())[:limit]


def address(claims: Mapping[str, object], name: str) -> str:
    """The https address in a claim, or nothing."""
    value = words(claims, name, 1000)
    return value if value.startswith("https://") and " " not in value else ""


#: An address whose domain proves something: one @, and nothing that a list of addresses could be made of. Only ASCII,
#: so that no letter passes for another; a domain with others is written as ``xn--…``.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])"
)
#: So many values of one claim are looked at, and so long ones.
_MOST_VALUES, _LONGEST_VALUE = 200, 300


def domain_of(email: object) -> str:
    """The domain of an e-mail address, whole and in lower case; nothing where there is any doubt about it."""
    if not isinstance(email, str) or len(email) > 320:
        return ""
    found = _ADDRESS.fullmatch(email)
    return found[1].lower() if found and len(found[1]) <= 253 else ""


def values_of(claim: object) -> tuple[str, ...]:
    """What a claim says, as texts: one, or those of a list; yes and no are ``true`` and ``false``."""
    listed = claim[:_MOST_VALUES] if isinstance(claim, list) else [claim]
    said = [str(one).lower() if isinstance(one, bool) else str(one) for one in listed if isinstance(one, str | int)]
    return tuple(one for one in said if 0 < len(one) <= _LONGEST_VALUE and "\0" not in one)


def identifier(value: object, what: str) -> str:
    """A subject, session or token identifier: 1 to 255 visible ASCII characters. Raises Tampered."""
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not all(" " < c <= "~" for c in value):
        raise Tampered(f"the {what} isn't a usable identifier")
    return value
