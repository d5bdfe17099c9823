"""Settings: one frozen object, read once from the environment.

Every setting is named ``CIVICBOARD_<NAME>`` in the environment, but for ``DATABASE_URL``, ``PORT`` and the sign-in
providers, which are read by name (``docs/running.md`` lists all of them, and a test holds that list to this file).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ProviderKind = Literal["oidc", "google", "entra", "github", "mastodon"]


class BadSettings(Exception):
    """Settings that the board can't start with; ``problems`` are plain sentences, one a problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Provider:
    """One way to sign in. ``key`` is in its address: ``/login/{key}``.

    ``issuer`` is the discovery root of an OIDC provider; presets fill it in. A Mastodon provider with an empty
    ``issuer`` lets a person type their own server; with one, it is only that server.
    """

    key: str
    kind: ProviderKind
    label: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    issuer: str = ""
    scope: str = ""
    #: Only for tests of the GitHub preset against a loopback server: where its web pages and its API are.
    web_root: str = ""
    api_root: str = ""


class Settings(BaseSettings):
    """What the person who runs the board can choose."""

    model_config = SettingsConfigDict(env_prefix="CIVICBOARD_", frozen=True, extra="ignore")

    environment: Literal["development", "production", "test"] = "development"
    debug: bool = False
    board_name: str = Field("Our place", max_length=60)
    timezone: str = "UTC"
    origin: str = ""
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    secret: str = Field("", repr=False)
    data: Path = Path(".civicboard")
    database_url: str = Field("", validation_alias="DATABASE_URL", repr=False)
    host: str = "127.0.0.1"
    port: int = Field(8000, validation_alias="PORT", ge=0, le=65535)
    workers: int = Field(1, ge=1, le=64)
    pool_size: int = Field(10, ge=1, le=200)
    proxies: Annotated[tuple[str, ...], NoDecode] = ()
    notify: bool = True
    poll_seconds: float = Field(5.0, gt=0, le=60)
    match_weights: Annotated[tuple[tuple[str, float], ...], NoDecode] = ()
    rate_scale: float = Field(1.0, gt=0, le=1000)
    meaning: str = Field("minilm", max_length=1000)
    demo: bool = False
    demo_issuer: str = ""
    log_json: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    providers: Annotated[tuple[Provider, ...], NoDecode] = ()

    @field_validator("allowed_hosts", "proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("match_weights", mode="before")
    @classmethod
    def _weigh(cls, value: object) -> object:
        """``"meaning=0.5, near=0.2"`` gives pairs."""
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        return tuple((name.strip(), weight.strip()) for name, _, weight in pairs)

    @field_validator("match_weights")
    @classmethod
    def _weighs(cls, value: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        names = ("meaning", "tags", "near", "free")
        given = dict(value)
        if not set(given) <= set(names) or not all(0 <= weight <= 100 for weight in given.values()):
            raise ValueError(f"must give weights of 0 to 100 to some of {', '.join(names)}, as in meaning=0.5,near=0.2")
        if len(given) == len(names) and not any(given.values()):
            raise ValueError("must leave something that counts: not all weights can be 0")
        return tuple(given.items())

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone, as in Europe/London") from None
        return value

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network, strict=False)  # ValueError says which one, and what is wrong with it
        return value

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        """Hosts hand out ``postgres://…?sslmode=require``; SQLAlchemy wants the driver named, and asyncpg ``ssl``."""
        value = value.replace("?sslmode=", "?ssl=").replace("&sslmode=", "&ssl=")
        for prefix in ("postgres://", "postgresql://"):
            if value.startswith(prefix):
                return "postgresql+asyncpg://" + value.removeprefix(prefix)
        return value

    @field_validator("origin")
    @classmethod
    def _bare_origin(cls, value: str) -> str:
        value = value.rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query):
            raise ValueError("must be a scheme and a host, as in https://board.example.org")
        return value

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, values: dict[str, object]) -> dict[str, object]:
        values = dict(values)
        port = values.get("port", values.get("PORT", 8000))
        if not values.get("origin"):
            values["origin"] = f"http://127.0.0.1:{port}"
        if not values.get("secret") and values.get("environment", "development") != "production":
            values["secret"] = _kept_secret(Path(str(values.get("data") or ".civicboard")))
        return values

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def secure(self) -> bool:
        """Whether people reach the board over https, so that cookies can be ``__Host-`` ones."""
        return self.origin.startswith("https://")

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names the board answers to."""
        own = urlsplit(self.origin).hostname or "localhost"
        more = () if self.production else ("localhost", "127.0.0.1", "[::1]", "testserver")
        return (*self.allowed_hosts, own, *more)

    def unsafe(self) -> list[str]:
        """Why these settings must not face the public, as sentences; empty when they may."""
        wrong = []
        if self.debug:
            wrong.append("CIVICBOARD_DEBUG is on: it shows the board's insides to strangers. Unset it.")
        if len(self.secret) < 32:
            wrong.append(
                "CIVICBOARD_SECRET is missing or shorter than 32 characters. Make one with: openssl rand -hex 32"
            )
        if not self.secure:
            wrong.append(f"CIVICBOARD_ORIGIN is {self.origin}: it must start with https:// in production.")
        if not self.allowed_hosts:
            wrong.append("CIVICBOARD_ALLOWED_HOSTS is empty: name the host names that the board answers to.")
        if self.demo or self.demo_issuer:
            wrong.append("CIVICBOARD_DEMO is on: anybody could sign in as anybody. Unset it.")
        return wrong


def _kept_secret(data: Path) -> str:
    """A secret for trying things out, kept in the data folder so that a restart signs nobody out."""
    kept = data / "secret"
    if not kept.exists():
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        try:
            os.link(fresh, kept)  # whoever is second of two processes reads the first one's
        except FileExistsError:
            pass
        fresh.unlink()
    return kept.read_text().strip()


_LABELS: dict[str, str] = {
    "google": "Google",
    "entra": "Microsoft",
    "github": "GitHub",
    "mastodon": "Mastodon",
}


def read_providers(environ: Mapping[str, str]) -> tuple[Provider, ...]:
    """The sign-in providers that ``CIVICBOARD_LOGIN=google,council`` names, each with its ``CIVICBOARD_LOGIN_<KEY>_…``.

    Raises BadSettings, with every mistake at once.
    """
    providers, wrong = [], []
    for key in (part.strip().lower() for part in environ.get("CIVICBOARD_LOGIN", "").split(",")):
        if not key:
            continue
        prefix = f"CIVICBOARD_LOGIN_{key.upper().replace('-', '_')}_"

        def read(name: str, prefix: str = prefix) -> str:
            return environ.get(prefix + name, "").strip()

        kind = read("KIND") or (key if key in _LABELS else "oidc")
        if kind not in ("oidc", *_LABELS):
            wrong.append(f"{prefix}KIND is {kind!r}: it must be oidc, google, entra, github or mastodon.")
            continue
        if not key.replace("-", "").isalnum():
            wrong.append(f"CIVICBOARD_LOGIN names {key!r}: use letters, digits and hyphens.")
            continue
        if kind == "oidc" and not read("ISSUER"):
            wrong.append(f"{prefix}ISSUER is missing: the address under which the provider's discovery document is.")
        if kind != "mastodon" and not read("CLIENT_ID"):
            wrong.append(f"{prefix}CLIENT_ID is missing.")
        providers.append(
            Provider(
                key=key,
                kind=kind,  # type: ignore[arg-type]  # checked just above
                label=read("LABEL") or _LABELS.get(key) or key.capitalize(),
                client_id=read("CLIENT_ID"),
                client_secret=read("CLIENT_SECRET"),
                issuer=read("ISSUER").rstrip("/"),
                scope=read("SCOPE"),
                web_root=read("WEB_ROOT").rstrip("/"),
                api_root=read("API_ROOT").rstrip("/"),
            )
        )
    if wrong:
        raise BadSettings(wrong)
    return tuple(providers)


def _name_of(field: str) -> str:
    """What a setting is called in the environment."""
    return field if field.isupper() else f"CIVICBOARD_{field.upper()}"


def load() -> Settings:
    """Read the environment once. Raises BadSettings with plain sentences."""
    from pydantic import ValidationError

    try:
        return Settings(providers=read_providers(os.environ))
    except ValidationError as error:
        raise BadSettings(
            [
                f"{_name_of(str(e['loc'][0]))} can't be used: {e['msg'].removeprefix('Value error, ')}."
                for e in error.errors()
            ]
        ) from None
