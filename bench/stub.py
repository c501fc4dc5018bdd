"""Dateline whose handler is cut off: a write goes all the way through the API, and nothing is stored.

`python -m bench.stub PORT`.
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import api.app
from api.app import build
from api.server import Server, log_to_stderr, run
from api.settings import load_settings
from events.handler import Done, Handled, Handler, Request


class Nowhere(Handler):
    """Answers what a handler answers that made one entry."""

    def __init__(self) -> None:
        """Need nothing."""

    async def handle(self, request: Request) -> Handled:
        """Return what was not done."""
        done = tuple(Done(id="meeting-0", position=1) for _ in request.commands)
        return Handled(position=1, duplicate=False, changed=True, done=done, facts=())


async def serve(port: int, data: Path) -> None:
    """Serve until it is ended."""
    vars(api.app)["Handler"] = lambda *_: Nowhere()  # The composition root names the handler.
    async with build(load_settings(os.environ, port=port, data=data)) as service:
        await service.start()
        await asyncio.gather(Server(service).serve())


if __name__ == "__main__":
    log_to_stderr("text")
    with tempfile.TemporaryDirectory() as directory:
        run(serve(int(sys.argv[1]), Path(directory)))
