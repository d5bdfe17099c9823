"""The guarded fetcher: never inside, never long, never large."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from civicboard.kit.addresses import is_public
from civicboard.kit.fetch import Failed, Guarded, Refused, Unfetched, guarded_transport

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1", "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1",
    "2002:a9fe:a9fe::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1", "4000::1", "localhost", "", "8.8.8.8:80",
]  # fmt: skip
OUTSIDE = [
    "8.8.8.8",
    "1.1.1.1",
    "100.63.255.255",
    "172.32.0.1",
    "193.0.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_whatever_is_public_is_global_and_unicast(address: object) -> None:
    if is_public(str(address)):
        read = ip_address(str(address))
        assert read.is_global
        assert not read.is_multicast
        assert not read.is_reserved


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A bare server on a free loopback port; ``serve`` gets the request's head."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            await serve(reader, writer, head)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def giving(*answers: bytes, heads: list[str] | None = None) -> Serve:
    left = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
        if heads is not None:
            heads.append(head)
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return serve


class Names:
    """A resolver that says what it is told, one list after the other, and counts the questions."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


local = Guarded(allow_loopback=True, seconds=5)


async def test_an_answer_comes_back_whole() -> None:
    heads: list[str] = []
    async with serving(giving(answer(b'{"a":1}', Content_Type="application/json"), heads=heads)) as port:
        response = await local.get(f"http://127.0.0.1:{port}/x?y=1", headers={"Accept": "application/json"})
        assert response.status_code == 200
        assert response.json() == {"a": 1}
        assert response.headers["content-type"] == "application/json"
        posted = await local.post(f"http://127.0.0.1:{port}/apps", data={"name": "é"})
        assert posted.status_code == 200
        await local.post(f"http://127.0.0.1:{port}/apps", json={"name": "x"})
    assert heads[0].startswith("GET /x?y=1 HTTP/1.1\r\n")
    assert heads[1].startswith("POST /apps HTTP/1.1\r\n")
    assert "application/x-www-form-urlencoded" in heads[1]
    assert "application/json" in heads[2]


async def test_an_error_of_theirs_is_an_answer() -> None:
    async with serving(giving(answer(b"no", "404 Not Found"))) as port:
        assert (await local.get(f"http://127.0.0.1:{port}/")).status_code == 404


@pytest.mark.parametrize("address", INSIDE[:-3])
async def test_a_name_that_leads_inside_is_refused_and_nothing_connects(address: str) -> None:
    with pytest.raises(Refused):
        await Guarded(Names([address])).get("https://social.example/")


async def test_every_address_counts_not_the_first() -> None:
    for addresses in (["8.8.8.8", "127.0.0.1"], ["2606:4700::1111", "::1"], ["127.0.0.1", "8.8.8.8"]):
        with pytest.raises(Refused):
            await Guarded(Names(addresses)).get("https://social.example/")
        with pytest.raises(Refused):
            await Guarded(Names([*addresses[:1], "10.0.0.1"]), allow_loopback=True).get("https://social.example/")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0", "[::1]", "[::]",
    "[::ffff:127.0.0.1]",
     "[64:ff9b::7f00:1]", "[fe80::1]", "localhost", "169.254.169.254"],
)  # fmt: skip
async def test_an_address_in_any_spelling_is_refused(host: str) -> None:
    with pytest.raises(Unfetched):
        await Guarded(seconds=5).get(f"https://{host}/latest/meta-data/")


@pytest.mark.parametrize(
    "url",
    ["http://social.example/", "ftp://social.example/", "file:///etc/passwd", "gopher://x/",
    "//social.example/", "/x",
     "social.example", "", "https://", "https:///x", "https://u:p@social.example/",
     "https://social.example:22/",
     "https://social.example:99999/", "https://so cial.example/", "https://\x00/", "https://[::1/",
     "javascript:x",
     "https://\ud800.example/", "unix:///tmp/x"],
    ids=ascii,
)  # fmt: skip
async def test_only_https_addresses_of_a_host_are_fetched(url: str) -> None:
    names = Names(["10.0.0.1"])
    with pytest.raises(Refused):
        await Guarded(names).get(url)
    assert names.asked == []


async def test_a_name_without_addresses_fails() -> None:
    async def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    for resolver in (nobody, Names([])):
        with pytest.raises(Failed):
            await Guarded(resolver).get("https://social.example/")


async def test_rebinding_finds_no_second_look_up() -> None:
    """A name that is public when asked first and inside when asked again is asked once a connection."""
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with serving(giving(answer(b"ok"))) as port:
        guard = Guarded(names, allow_loopback=True)
        assert (await guard.get(f"http://rebind.example:{port}/")).text == "ok"
        assert names.asked == ["rebind.example"]
        with pytest.raises(Refused):
            await guard.get(f"http://rebind.example:{port}/")
        assert names.asked == ["rebind.example"] * 2


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    async with serving(giving(answer(b"ok"))) as port:
        assert (await Guarded(Names(["::1", "127.0.0.1"]), True).get(f"http://two.example:{port}/")).text == "ok"


async def test_nobody_there_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Failed):
        await local.get(f"http://127.0.0.1:{port}/")


# Redirects


async def test_two_redirects_are_followed_and_a_third_is_not() -> None:
    hop = answer(b"", "302 Found", Location="/next")
    async with serving(giving(hop, hop, answer(b"there"))) as port:
        assert (await local.get(f"http://127.0.0.1:{port}/")).text == "there"
    async with serving(giving(hop)) as port:
        with pytest.raises(Refused):
            await local.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "location",
    ["http://10.0.0.1/", "https://inside.example/", "http://[64:ff9b::a00:1]/", "file:///etc/passwd",
    "gopher://x/",
     "http://u:p@127.0.0.1/", "//10.0.0.1/"],
)  # fmt: skip
async def test_each_hop_is_checked(location: str) -> None:
    async def names(host: str, port: int) -> list[str]:
        return ["10.9.9.9"] if host == "inside.example" else [host]

    async with serving(giving(answer(b"", "302 Found", Location=location))) as port:
        with pytest.raises(Refused):
            await Guarded(names, allow_loopback=True).get(f"http://127.0.0.1:{port}/")


async def test_what_is_posted_goes_nowhere_else() -> None:
    heads: list[str] = []
    hop = answer(b"", "307 Temporary Redirect", Location="/elsewhere")
    async with serving(giving(hop, heads=heads)) as port:
        assert (await local.post(f"http://127.0.0.1:{port}/", data={"secret": "x"})).status_code == 307
    assert len(heads) == 1


async def test_no_cookies_are_kept_or_sent_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    heads: list[str] = []
    hop = answer(b"", "302 Found", Location="/next", Set_Cookie="a=b; Path=/")
    async with serving(giving(hop, answer(b"ok", Set_Cookie="c=d"), heads=heads)) as port:
        response = await local.get(f"http://127.0.0.1:{port}/", headers={"Cookie": "e=f"})
        assert response.text == "ok"
    assert "set-cookie" not in response.headers
    assert not any("cookie" in head.lower() for head in heads)


# Time


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def dripping_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
    await asyncio.sleep(30)


async def redirecting_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
    await asyncio.sleep(0.4)
    writer.write(answer(b"", "302 Found", Location="/x"))


@pytest.mark.parametrize("serve", [dripping, dripping_headers, silent, redirecting_slowly])
async def test_the_time_is_kept_however_slowly_it_drips(serve: Serve) -> None:
    async with serving(serve) as port:
        started = time.monotonic()
        with pytest.raises(Failed):
            await Guarded(allow_loopback=True, seconds=0.6).get(f"http://127.0.0.1:{port}/")
        assert time.monotonic() - started < 3


async def test_a_resolver_that_never_answers_is_left() -> None:
    async def never(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return []

    with pytest.raises(Failed):
        await Guarded(never, seconds=0.3).get("https://social.example/")


# Size


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()


async def test_no_more_than_a_megabyte_is_read() -> None:
    async with serving(giving(answer(b"x" * 1_000_000))) as port:
        assert len((await local.get(f"http://127.0.0.1:{port}/")).content) == 1_000_000
    for serve in (giving(answer(b"x" * 1_000_001)), endless):
        async with serving(serve) as port:
            with pytest.raises(Failed, match="more than"):
                await local.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_does_not_go_off(encoding: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()
    assert len(bomb) < 1_000_000
    async with serving(giving(answer(bomb, Content_Encoding=encoding))) as port:
        tracemalloc.start()
        try:
            with pytest.raises(Failed, match="more than"):
                await local.get(f"http://127.0.0.1:{port}/")
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()


async def test_what_is_compressed_all_the_same_is_inflated() -> None:
    heads: list[str] = []
    packed = gzip.compress(b"hello " * 1000, mtime=0)
    async with serving(giving(answer(packed, Content_Encoding="gzip"), heads=heads)) as port:
        response = await local.get(f"http://127.0.0.1:{port}/")
    assert response.text == "hello " * 1000
    assert "content-encoding" not in response.headers
    assert "accept-encoding: identity" in heads[0].lower()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"not gzip", "gzip"), (gzip.compress(b"hello", mtime=0)[:-9], "gzip"), (gzip.compress(b"a", mtime=0) * 2, "gzip"),
     (b"x", "br"), (b"x", "zstd"), (gzip.compress(gzip.compress(b"a", mtime=0), mtime=0), "gzip, gzip")],
)  # fmt: skip
async def test_damaged_or_strange_packing_fails(body: bytes, encoding: str) -> None:
    async with serving(giving(answer(body, Content_Encoding=encoding))) as port:
        with pytest.raises(Failed):
            await local.get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not http\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000,
    ],
)
async def test_what_is_not_http_fails(raw: bytes) -> None:
    async with serving(giving(raw)) as port:
        with pytest.raises(Failed):
            await local.get(f"http://127.0.0.1:{port}/")


# Names over TLS


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for one name, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


async def test_the_name_stays_in_the_host_header_and_in_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, "social.example")
    server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_tls.load_cert_chain(cert, key)
    named: list[str | None] = []
    server_tls.sni_callback = lambda _socket, name, _context: named.append(name)
    heads: list[str] = []
    async with serving(giving(answer(b"ok"), heads=heads), server_tls) as port:
        guard = Guarded(Names(["127.0.0.1"]), True, tls=ssl.create_default_context(cafile=cert))
        assert (await guard.get(f"https://social.example:{port}/")).text == "ok"
        assert named == ["social.example"]
        assert f"host: social.example:{port}\r\n" in heads[0].lower()
        with pytest.raises(Failed, match=r"other\.example"):
            await guard.get(f"https://other.example:{port}/")
        with pytest.raises(Failed):
            await Guarded(Names(["127.0.0.1"]), True).get(f"https://social.example:{port}/")


# The transport, for other libraries


async def test_another_library_goes_through_the_same_door() -> None:
    async with serving(
        giving(answer(b'{"access_token":"t","token_type":"Bearer"}', Content_Type="application/json"))
    ) as port:
        async with AsyncOAuth2Client("id", "secret", transport=guarded_transport(allow_loopback=True)) as client:
            token = await client.fetch_token(f"http://127.0.0.1:{port}/oauth/token", grant_type="client_credentials")
            assert token["access_token"] == "t"
        async with AsyncOAuth2Client(
            "id", "secret", transport=guarded_transport(resolver=Names(["10.0.0.1"]))
        ) as client:
            with pytest.raises(Refused):
                await client.fetch_token("https://social.example/oauth/token", grant_type="client_credentials")


async def test_a_client_with_its_own_patience_is_still_cut_off() -> None:
    async with serving(dripping) as port:
        transport = guarded_transport(allow_loopback=True, seconds=0.4)
        async with httpx2.AsyncClient(transport=transport, timeout=None) as client:
            with pytest.raises(Failed):
                await client.get(f"http://127.0.0.1:{port}/")


async def test_refusals_are_errors_of_the_library_too() -> None:
    async with httpx2.AsyncClient(transport=guarded_transport()) as client:
        with pytest.raises(httpx2.TransportError):
            await client.get("https://127.0.0.1/")
