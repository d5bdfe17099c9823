"""Signing in with an account that a person has elsewhere."""

from __future__ import annotations

import secrets
from urllib.parse import quote, urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from civicboard.kit import web
from civicboard.kit.links import safe_next
from civicboard.kit.work import Conflict, Refused, Unfit
from civicboard.people import actions, policy, queries
from civicboard.people.forms import StartLogin
from civicboard.people.gateway import (
    BadServer,
    Denied,
    Gateway,
    Proved,
    ProviderDown,
    RememberedApp,
    SignInFailed,
    Started,
    UnknownProvider,
)
from civicboard.people.models import LoginAttempt
from civicboard.people.policy import Vouched
from civicboard.people.queries import Proof
from civicboard.settings import Provider

log = structlog.get_logger(__name__)

#: Where the account page lists the ways to sign in.
IDENTITIES = "/account#identities"


def gateway(request: Request) -> Gateway:
    """The board's door to the providers. Never call it inside a transaction."""
    return web.kit(request).part(Gateway)


async def show_login(request: Request) -> Response:
    """The ways to sign in; ``next`` is where to go afterwards."""
    next_path = safe_next(request.query_params.get("next"))
    if web.viewer(request).signed_in and request.method != "POST":
        return web.see(request, next_path if "next" in request.query_params else "/account")
    context = {
        "providers": list(gateway(request).providers.values()),
        "form": web.form_state(request, "login", lambda: {"next": next_path}),
    }
    return web.page(request, "people/login.html", context, has_form=True)


@web.otherwise(show_login, form="login")
async def create_login(request: Request) -> Response:
    """Begin a sign-in: keep what finishing it will need, and lead to the provider."""
    await web.limit(request, "sign_in")
    form = await StartLogin.read(request)
    key, link = request.path_params["provider"], form.link == "yes"
    next_path = IDENTITIES if link else safe_next(form.next)
    if link:
        web.require_account(request, next_path=IDENTITIES)
    try:
        started = await _begin(request, key, form.server, link)
    except BadServer as error:
        raise Unfit("server", str(error)) from error
    except SignInFailed as error:
        return failed(request, error, next_path=next_path)
    async with web.writing(request) as work:
        await actions.begin_login(
            work,
            state_hash=web.hashed(started.state),
            browser_hash=web.browser_hash(request),
            provider=key,
            nonce=started.nonce,
            verifier=started.verifier,
            provider_data=started.provider_data,
            next_path=next_path,
            link=link,
        )
        if started.registered is not None:
            app = started.registered
            await actions.remember_app(
                work, server=app.server, client_id=app.client_id, client_secret=app.client_secret
            )
    return lead_to(request, started.url, gateway(request).providers[key].label)


async def _begin(request: Request, key: str, typed: str, link: bool) -> Started:
    held = gateway(request)
    remembered, server = None, held.server_for(key, typed)
    if server:
        async with web.reading(request) as work:
            row = await queries.find_remembered_app(work, server)
        remembered = RememberedApp(row.server, row.client_id, row.client_secret) if row else None
    prompt = _prompt(held.providers[key]) if link else ""
    return await held.begin(key, server=typed, remembered=remembered, prompt=prompt)


def _prompt(provider: Provider) -> str:
    """Who adds a second account is signed in to the first one there, so the provider has to ask which."""
    return "select_account" if provider.kind in ("google", "entra", "github") else "login"


async def create_session(request: Request) -> Response:
    """The provider sent somebody back: find out who, and sign this browser in.

    It is a GET that changes something, as OAuth wants it; the state makes it work only once, in this browser.
    """
    key = request.path_params["provider"]
    query = dict(request.query_params)
    try:
        async with web.writing(request) as work:
            attempt = await actions.use_login_attempt(
                work,
                state_hash=web.hashed(query.get("state", "")),
                browser_hash=web.known_browser_hash(request) or "",
                provider=key,
            )
            wanted = {claim for claim, _ in await queries.wanted_claims(work)}
    except Refused as refused:
        log.info("sign_in_refused", provider=key, why=refused.words)
        return _trouble(request, 400, "That sign-in can't be finished", refused.words)
    try:
        proved = await gateway(request).finish(
            key,
            query=query,
            state=query["state"],
            nonce=attempt.nonce,
            verifier=attempt.verifier,
            provider_data=attempt.provider_data,
            wanted=wanted,
        )
    except SignInFailed as error:
        return failed(request, error, next_path=attempt.next)
    proof = _proof(key, gateway(request).providers[key], proved)
    if attempt.link_person_id is not None:
        return await _add(request, proof, attempt.link_person_id)
    return await _enter(request, proof, attempt)


async def _add(request: Request, proof: Proof, begun_by: int) -> Response:
    try:
        async with web.writing(request) as work:
            await actions.add_identity(work, proof, begun_by=begun_by)
    except (Refused, Conflict) as no:
        status = 409 if isinstance(no, Conflict) else 403
        return _trouble(request, status, "That can't be added to your account", no.words)
    return web.see(request, IDENTITIES, said="identity-added")


async def _enter(request: Request, proof: Proof, attempt: LoginAttempt) -> Response:
    token = new_token()
    async with web.writing(request) as work:
        known = await actions.sign_in(
            work, proof, token_hash=web.hashed(token), user_agent=request.headers.get("User-Agent", "")
        )
        if not known:
            await actions.keep_newcomer(work, proof, browser_hash=attempt.browser_hash, next_path=attempt.next)
    return signed_in(request, token, attempt.next) if known else web.see(request, "/account/new")


def new_token() -> str:
    """What a session cookie holds: 256 random bits."""
    return secrets.token_urlsafe(32)


def signed_in(request: Request, token: str, next_path: str, *, said: str = "") -> Response:
    """Give the browser its session, and go on to where the person wanted to be."""
    response = web.see(request, next_path, said=said)
    web.keep_cookie(response, web.kit(request).settings, "session", token, days=policy.SESSION_LASTS.days)
    return response


def _proof(key: str, provider: Provider, proved: Proved) -> Proof:
    label = proved.email or proved.handle_hint or proved.name
    if provider.kind == "mastodon":
        label = f"@{proved.handle_hint}@{urlsplit(proved.issuer).netloc}"
    return Proof(
        provider=key,
        issuer=proved.issuer,
        subject=proved.subject,
        label=label,
        name=proved.name,
        handle_hint=proved.handle_hint,
        sid=proved.sid,
        # The token is personal data: it is only kept where signing out will need it.
        id_token=proved.id_token if proved.end_session else "",
        vouched=Vouched(proved.email_domain, proved.claims, proved.is_whole),
    )


def lead_to(request: Request, url: str, label: str, *, leaving: bool = False) -> Response:
    """A page that goes on to a provider by itself.

    Not a redirect: browsers hold one that follows a form against ``form-action``, which names only us.
    """
    context = {"url": url, "label": label, "leaving": leaving}
    return web.page(request, "people/leading.html", context, headers={"Cache-Control": "no-store"})


def failed(request: Request, error: SignInFailed, *, next_path: str = "/") -> Response:
    """A readable page for a sign-in that did not happen."""
    log.warning("sign_in_failed", why=type(error).__name__, detail=error.detail)
    match error:
        case UnknownProvider():
            status, title = 404, "There is no such way to sign in"
        case Denied():
            status, title = 403, "You are not signed in"
        case ProviderDown():
            status, title = 503, "Signing in doesn't work just now"
        case _:
            status, title = 400, "That sign-in can't be finished"
    return _trouble(request, status, title, str(error), next_path=next_path)


def _trouble(request: Request, status: int, title: str, words: str, *, next_path: str = "/") -> Response:
    if web.viewer(request).signed_in:
        steps = [("/account", "Go to your account"), ("/", "Go to the board")]
        words = f"{words} You are signed in to this board as before."
    else:
        steps = [(f"/login?next={quote(next_path, safe='/')}", "Try again"), ("/", "Go to the board")]
        words = f"{words} Nothing is lost: what you were writing here is kept."
    context = {"status": status, "title": title, "words": words, "next_step": steps}
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "60"} if status == 503 else {})
    return web.page(request, "kit/error.html", context, status=status, headers=headers)


ROUTES = [
    Route("/login", show_login, name="show_login"),
    Route("/login/{provider}", create_login, methods=["POST"], name="create_login"),
    Route("/login/{provider}/callback", create_session, name="create_session"),
]
