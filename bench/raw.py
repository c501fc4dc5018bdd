"""The yardstick: an ASGI application that answers the same bytes and does nothing else, in the same server.

`python -m bench.raw PORT FILE`; the file holds the answers, as `Answers` in JSON.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from api.connections import Connection


class Same(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: its status, its headers, and its body."""

    status: int
    headers: list[tuple[str, str]]
    body: str


def application(answers: dict[str, Same]) -> Any:
    """Return the application: by method, or `304` where the client says what it has."""
    ready = {
        name: (one.status, [(n.encode(), v.encode()) for n, v in one.headers], one.body.encode())
        for name, one in answers.items()
    }

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        name = scope["method"]
        if name == "POST":
            while (await receive())["more_body"]:
                pass
        elif any(header == b"if-none-match" for header, _ in scope["headers"]):
            name = "304"
        status, headers, body = ready[name]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return answer


def main(port: int, path: Path) -> None:
    """Serve, as Dateline is served."""
    app = application(msgspec.json.decode(path.read_bytes(), type=dict[str, Same]))
    uvicorn.run(
        app, port=port, http=Connection, ws="none", lifespan="off", log_config=None, access_log=False,
        server_header=False, proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
