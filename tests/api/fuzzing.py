"""Requests that nobody should send, drawn by a seed: as bytes, so that no client makes them right again.

None of them is a write that can be carried out. What is damaged blindly has no token; what has one asks for a dry run,
and keeps to it.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import quote

from api.openapi.examples import Example
from tests.api.conforming import Described

WRONG_TOKEN = "dl_" + "w" * 43
TEXTS = [
    "",
    "\x00",
    "\ud800",
    "﷽" * 50,
    "x" * 5000,
    "../../etc/passwd",
    "{}",
    "null",
    "-1",
    "1e999",
    "NaN",
    "'--",
    "%s%n",
    "\u202e",
    "2024-13-45",
]
VALUES: list[Any] = [None, True, 0, -1, 1.5, 10**30, "", [], {}, [[]], {"": ""}, *TEXTS]
METHODS = [
    "GET",
    "POST",
    "PATCH",
    "PUT",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "get",
    "G\x01T",
    "",
    "A" * 300,
]
BESIDE = re.compile("/v1/(tokens|principals|rebuild)")
"""What is written beside the record, where there is no dry run."""
READS = re.compile("/v1/(sources/[^/?]+/)?extract")
"""What reads a text that is sent: it records nothing, and knows no dry run."""
VERSIONS = ["1.1", "1.0", "0.9", "2", "3.0", "", "1.1.1", "9" * 50]
HEADERS = [
    "Accept: text/html;q=x", "Accept: */*, ,", "Accept: image/png", "Accept-Encoding: gzip, zstd;q=0",
    "If-None-Match: *", "If-Match: W/\"1\"", "If-Match: \"9999999999999999\"",
    "Content-Type: text/plain; charset=utf-16", "Content-Encoding: gzip",
    "Content-Type: multipart/form-data; boundary=", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity",
    "Expect: 100-continue", "Expect: 200-ok", "Range: bytes=0-0", "Connection: upgrade", "Upgrade: h2c",
    "Upgrade: websocket", "X-Forwarded-For: ::::", "Forwarded: for=", "Host: evil.example", "Host: [::1",
    "Cookie: " + "a=b; " * 300, "Authorization: Basic eA==", "Authorization: Bearer ", "Authorization: Bearer a b",
    "Idempotency-Key: \x7f", "Idempotency-Key: é", "traceparent: 00-zz-zz-zz", "Last-Event-ID: 0-0",
    " leading: blank", "no colon", ":", "Name : blank", "Folded: a\r\n b", "Content-Length: 0", "Content-Length: -1",
    "Content-Length: 99999999999999999999", "Origin: null",
]  # fmt: skip
BODIES = [
    b"", b"{", b"[" * 20_000, b'{"a":' * 5_000, b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'"\\ud800"', b"{}" * 1000, b"nul",
    b"\x00" * 500, b'{"title":"x","title":"y"}', "{\"título\": 1}".encode("utf-16"), b"1e400", b"[1,]", b"//",
    b"<x/>",
]  # fmt: skip


class Fuzz:
    """Draws requests. `token` is a good one; those that have it only ever ask for a dry run."""

    def __init__(self, seed: int, examples: Sequence[Example], described: Described, token: str) -> None:
        self._draw = Random(seed)
        self._token = token
        paths = {one["operationId"]: (method, path, one) for method, path, one in described.operations()}
        self._asked = [(example, *paths[example.operation]) for example in examples]
        self._kinds: Sequence[Callable[[], bytes]] = (
            self._near, self._near, self._near, self._with_token, self._with_token, self._with_token, self._with_token,
            self._damaged, self._chunked, self._strange_head, self._long, self._noise,
        )  # fmt: skip

    def requests(self, count: int) -> Iterator[bytes]:
        """Yield so many requests."""
        for _ in range(count):
            yield self._draw.choice(self._kinds)()

    def _near(self) -> bytes:
        """Return what is nearly right, without a good token."""
        method, target, body = self._example()
        lines = [f"Authorization: Bearer {WRONG_TOKEN}", "Idempotency-Key: fuzz"] if self._draw.random() < 0.5 else []
        lines += self._some(HEADERS, 3)
        return self._framed(method, self._bent(target), lines, self._body(body))

    def _with_token(self) -> bytes:
        """Return what is let in, and at most a dry run."""
        method, target, body = self._example()
        if body is None or BESIDE.match(target):
            method = "GET"
        if method == "GET":
            target = self._bent(target)
        elif not READS.match(target):
            target = f"{target}?dry_run=true"
        lines = [f"Authorization: Bearer {self._token}", f"Idempotency-Key: fuzz-{self._draw.getrandbits(60)}"]
        if self._draw.random() < 0.3:
            lines += self._some([line for line in HEADERS if not line.startswith(("Authorization", "Idem"))], 2)
        return self._framed(method, target, lines, self._body(body))

    def _damaged(self) -> bytes:
        """Return a request in which bytes were changed, lost or doubled."""
        request = bytearray(self._near())
        for _ in range(self._draw.randint(1, 8)):
            at = self._draw.randrange(len(request) + 1)
            match self._draw.randrange(3):
                case 0:
                    request[at : at + 1] = bytes([self._draw.randrange(256)])
                case 1:
                    del request[at : at + self._draw.randint(1, 20)]
                case _:
                    request[at:at] = request[at : at + self._draw.randint(1, 20)]
        return bytes(request)

    def _chunked(self) -> bytes:
        """Return a body in chunks that are not as they should be."""
        method, target, body = self._example()
        sent, parts = self._body(body), []
        for start in range(0, min(len(sent), 200), 50):
            piece = sent[start : start + 50]
            size = self._draw.choice(
                [f"{len(piece):x}", f"{len(piece) + 1:x}", "zz", "-1", "f" * 30, "", "0x5", "5;a=b"]
            )
            parts.append(size.encode() + self._draw.choice([b"\r\n", b"\n", b""]) + piece + b"\r\n")
        ends = self._draw.choice([b"0\r\n\r\n", b"0\r\nTrailer: x\r\n\r\n", b"", b"0\n\n"])
        head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        return head.encode("latin-1", "replace") + b"".join(parts) + ends

    def _strange_head(self) -> bytes:
        """Return methods, versions and headers that there are not."""
        _, target, body = self._example()
        lines = self._some(HEADERS, 8)
        method, version = self._draw.choice(METHODS), self._draw.choice(VERSIONS)
        return self._framed(method, target, lines, self._body(body), version=version)

    def _long(self) -> bytes:
        """Return too much of something."""
        _, target, _ = self._example()
        size = self._draw.choice([2_000, 20_000, 70_000])
        match self._draw.randrange(4):
            case 0:
                return self._framed("GET", target + "?q=" + "x" * size, [], b"")
            case 1:
                return self._framed("GET", target, [f"X-{n}: y" for n in range(size // 20)], b"")
            case 2:
                return self._framed("GET", target + "?" + "&".join(f"a{n}=1" for n in range(size // 10)), [], b"")
            case _:
                return self._framed("POST", "/v1/sources", [], b'{"title":"' + b"x" * size + b'"}')

    def _noise(self) -> bytes:
        """Return bytes that are no request at all."""
        ends = self._draw.choice([b"", b"\r\n\r\n", b"\n\n"])
        return self._draw.randbytes(self._draw.randint(1, 400)) + ends

    def _example(self) -> tuple[str, str, Any]:
        example, method, path, _ = self._draw.choice(self._asked)
        asked = dict(example.parameters)
        for name in re.findall(r"{(\w+)}", path):
            value = asked.pop(name)
            path = path.replace(
                f"{{{name}}}", quote(str(self._draw.choice([value, value, value, *TEXTS[:1], "nothing"])))
            )
        return method, path, example.body

    def _bent(self, target: str) -> str:
        """Return a target with parameters that it may not take, or another path."""
        names = [
            "limit",
            "cursor",
            "as_of",
            "said_by",
            "min_position",
            "q",
            "from",
            "to",
            "state",
            "px",
            "x",
            "",
            "dry_run",
        ]
        pairs = [
            f"{self._draw.choice(names)}={quote(self._text(), errors='surrogatepass')}"
            for _ in range(self._draw.randint(0, 4))
        ]
        if self._draw.random() < 0.1:
            target = self._draw.choice(
                ["//", "/../", "*", "http://x/v1/log", "/%00", "/%ff", "/v1/%2e%2e/log", "?", "/v1/feed/x"]
            )
        return target + ("?" + "&".join(pairs) if pairs else "")

    def _body(self, body: Any) -> bytes:
        """Return a body: an example's, changed somewhere, or nothing like it."""
        if body is None or self._draw.random() < 0.15:
            return self._draw.choice(BODIES) if self._draw.random() < 0.5 else b""
        changed = json.loads(json.dumps(body))
        for _ in range(self._draw.randint(0, 3)):
            changed = self._changed(changed)
        return json.dumps(changed, ensure_ascii=self._draw.random() < 0.5).encode("utf-8", "surrogatepass")

    def _changed(self, value: Any) -> Any:
        """Return a value with one place of it changed."""
        if isinstance(value, dict) and value and self._draw.random() < 0.8:
            name = self._draw.choice(sorted(value))
            rest = {key: one for key, one in value.items() if key != name}
            match self._draw.randrange(4):
                case 0:
                    return rest
                case 1:
                    return {**rest, self._text()[:100]: value[name]}
                case _:
                    return {**value, name: self._changed(value[name])}
        if isinstance(value, list) and value and self._draw.random() < 0.8:
            at = self._draw.randrange(len(value))
            return [*value[:at], self._changed(value[at]), *value[at:]]
        return self._draw.choice(VALUES)

    def _text(self) -> str:
        return self._draw.choice([*TEXTS, "1", "2024-04-10", "announced", "visit", str(self._draw.getrandbits(70))])

    def _some(self, lines: Sequence[str], most: int) -> list[str]:
        return self._draw.choices(lines, k=self._draw.randint(0, most))

    def _framed(self, method: str, target: str, lines: Sequence[str], body: bytes, *, version: str = "1.1") -> bytes:
        length = [f"Content-Length: {len(body)}"] if body or method in ("POST", "PATCH") else []
        head = "\r\n".join([f"{method} {target} HTTP/{version}", "Host: x", *lines, *length, "", ""])
        return head.encode("utf-8", "surrogatepass") + body
