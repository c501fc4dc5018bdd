"""Somebody at a desk who asks a handler on a real engine, and a log on which others come first."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

import msgspec

from events import facts as f
from events.commands import Command
from events.handler import TEXT, Handled, Handler, Request, recorded
from events.instants import Instant
from events.log.port import Event, Log, NewCommit, Query, Receipt
from events.log.state import State

_COMMANDS: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
NOW: Instant = "2024-06-01T12:00:00.000000Z"
BULLETIN_TEXT = "The visit is on 10 April. It may move to 11 April."
BULLETIN = {
    "command": "record_source",
    "id": "mofa",
    "title": "Bulletin",
    "publisher": "MOFA",
    "published_at": "2024-03-01",
    "text": BULLETIN_TEXT,
}
OTHERS = [
    {**BULLETIN, "id": id, "published_at": published_at, "text": f"{id}: the visit is on 11 April."}
    for id, published_at in (("nhk", "2024-03-10"), ("kyodo", "2024-03-20"))
]
VISIT = {
    "command": "make_announcement",
    "id": "visit",
    "title": "State visit",
    "when": "2024-04-10",
    "citations": [{"source": "mofa", "quote": "10 April"}],
}


class Interrupted:
    """A log on which something else happens just before an append. `then` is called with how many there were."""

    def __init__(self, log: Log, then: Callable[[int], Awaitable[None]]) -> None:
        self._log = log
        self._then = then
        self.appends = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append(self, commit: NewCommit) -> Receipt:
        self.appends += 1
        await self._then(self.appends)
        return await self._log.append(commit)


class Desk:
    """A handler on an engine, and the requests of somebody who uses it."""

    def __init__(self, log: Log, state: State) -> None:
        self.log = log
        self.state = state
        self._keys = 0

    async def ask(self, *lines: dict[str, Any], log: Any = None, **request: Any) -> Handled:
        """Carry out commands as one request, under a key of their own unless one is given."""
        self._keys += 1
        commands = tuple(_COMMANDS.decode(msgspec.json.encode(line)) for line in lines)
        asked: dict[str, Any] = {
            "commands": commands,
            "key": f"key-{self._keys}",
            "fingerprint": sha256(msgspec.json.encode(lines)).digest(),
            "by": "admin",
            "batch": len(lines) > 1,
            **request,
        }
        return await Handler(log or self.log, self.state, lambda: NOW).handle(Request(**asked))

    def interrupted(self, *lines: dict[str, Any], times: int = 1) -> Interrupted:
        """Return the log on which others record these lines before each of the first appends."""

        async def others(appends: int) -> None:
            if appends <= times:
                for line in lines:
                    await self.ask({**line, "id": line["id"].format(appends)})

        return Interrupted(self.log, others)

    async def events(self) -> tuple[Event, ...]:
        return (await self.log.read(Query.all())).events

    async def facts(self) -> list[f.AnyFact | None]:
        return [recorded(event).fact for event in await self.events()]

    async def texts(self) -> set[str]:
        return {record.value.decode() for record in await self.state.list(TEXT)}


def reschedule(source: str, when: str = "2024-04-11", **more: Any) -> dict[str, Any]:
    citation = {"source": source, "quote": "11 April", **more}
    return {"command": "reschedule", "id": "visit", "when": when, "citations": [citation]}


def source(id: str) -> dict[str, Any]:
    return {key: value for key, value in BULLETIN.items() if key != "text"} | {"id": id}
