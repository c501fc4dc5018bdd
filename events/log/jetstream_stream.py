"""The two streams of a log in NATS JetStream: how commits lie in them, sealed, and how they get there and back.

A commit is a message, followed by one for each of its events, so position p of commit n is message p + n. These can be
neither deleted nor purged: what an event says is sealed in its message under a key of its own, which lies in a plain
stream and is overwritten there when the event is erased.
"""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, cast
from uuid import uuid4

import msgspec
import nats
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct, structs
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from events.instants import Instant
from events.log.appending import Group
from events.log.entry import SALT_BYTES
from events.log.port import CommitInvalid, LogDamaged, LogUnavailable
from events.log.sqlite_writer import Behind
from events.log.stored import StoredCommit, StoredEntry

BATCH_MESSAGES_MAX: Final = 1000
PAGE_MESSAGES_MAX: Final = 500
PAGE_BYTES_MAX: Final = 16 * 1024 * 1024
MESSAGE_BYTES_MIN: Final = 2 * 1024 * 1024
TIMEOUT_S: Final = 10.0
KEY_BYTES: Final = 32
_ONCE: Final = bytes(12)
"""The nonce: no key seals two things."""
_ASKS: Final = {"storage": "file", "discard": "new", "retention": "limits", "allow_atomic": True, "allow_direct": True}
_KEEPS: Final = {"max_msgs": -1, "max_bytes": -1, "max_age": 0, "max_msgs_per_subject": -1, "deny_purge": True}


class _Commit(Struct, frozen=True, array_like=True, tag="commit"):
    """A commit as it lies in the stream; `size` messages of events follow."""

    key: str
    fingerprint: bytes | None
    note: bytes
    position: int
    size: int
    recorded_at: Instant
    erases: tuple[int, ...]


class _Event(Struct, frozen=True, array_like=True, tag="event"):
    """An event as it lies in the stream: its entry, salt and data sealed, and the number of the key's message."""

    entry: bytes
    sealed: bytes | None
    key: int


_MESSAGE: Final[msgspec.msgpack.Decoder[_Commit | _Event]] = msgspec.msgpack.Decoder(_Commit | _Event)


class Stream:
    """The two streams of a log."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self._name = name
        self._loop = asyncio.get_running_loop()

    async def make(self, log_id: str | None) -> tuple[str, int]:
        """Return the log's id and the number of its last message, having made the streams where there are none.

        Raises `LogDamaged` where they are not set as they must be.
        """
        wanted = {**_ASKS, **_KEEPS, "deny_delete": True, "metadata": {"log_id": log_id or str(uuid4())}}
        await self._ask(f"STREAM.CREATE.{self._name}-keys", self._settings("-keys", {**_ASKS, **_KEEPS}))
        await self._ask(f"STREAM.CREATE.{self._name}", self._settings("", wanted))
        for suffix, settings in (("-keys", {**_KEEPS, "deny_delete": False}), ("", {**_KEEPS, "deny_delete": True})):
            info = await self._ask(f"STREAM.INFO.{self._name}{suffix}", {})
            if "error" in info:
                raise LogUnavailable(f"the stream {self._name}{suffix} is not to be had: {info['error']}")
            for setting, value in settings.items():
                if info["config"].get(setting) != value:
                    raise LogDamaged(f"{self._name}{suffix} has {setting}={info['config'].get(setting)}, not {value}")
        return info["config"]["metadata"]["log_id"], info["state"]["last_seq"]

    async def on_hint(self, told: Callable[[], None]) -> None:
        """Have `told` called when another node has appended."""

        async def hinted(_: Msg) -> None:
            told()

        await self._client.subscribe(f"{self._name}.hint", cb=hinted)

    def replicate(self, group: Group) -> None:
        """Store a group, from the thread that commits it. Raises `Behind` and `LogUnavailable`."""
        asyncio.run_coroutine_threadsafe(self._publish(group), self._loop).result()

    async def commits(self, first: int) -> AsyncGenerator[StoredCommit, None]:
        """Yield the whole commits from message `first` on, which begins one; what was erased is None in them."""
        begun: _Commit | None = None
        events: list[_Event] = []
        while page := await self._page(self._name, first):
            messages = [(number, _read(number, content)) for number, content in page]
            numbers = [message.key for _, message in messages if isinstance(message, _Event) and message.key]
            keys = await self._keys(min(numbers), max(numbers)) if numbers else {}
            for number, message in messages:
                if number != first or isinstance(message, _Commit) is not (begun is None):
                    raise LogDamaged(f"message {first} of the stream {self._name} is missing, or of another commit")
                first += 1
                if isinstance(message, _Commit):
                    begun, events, opened = message, [], []
                else:
                    opened.append(keys.get(message.key))
                    events.append(message)
                assert begun is not None
                if len(events) == begun.size:
                    yield _opened(begun, events, opened, first - 1 - begun.position)
                    begun = None

    async def forget(self, number: int) -> None:
        """Overwrite the key of the event in message `number`; twice is no error."""
        [(_, content)] = await self._page(self._name, number, 1)
        message = _read(number, content)
        assert isinstance(message, _Event), "a position's message is its event's"
        if message.key:
            answer = await self._ask(f"STREAM.MSG.DELETE.{self._name}-keys", {"seq": message.key, "no_erase": False})
            if "error" in answer and answer["error"]["description"] != "no message found":
                raise LogUnavailable(f"key {message.key} cannot be overwritten: {answer['error']}")

    async def _publish(self, group: Group) -> None:
        """Store keys, then what they seal, all of it or nothing, right after what the group was judged by."""
        if len(group.events) + len(group.commits) > BATCH_MESSAGES_MAX:
            raise CommitInvalid("more than go into one batch", pointer="/events")
        payloads = {position: salt + data for position, salt, data in group.payloads}
        keys = {position: os.urandom(KEY_BYTES) for position in payloads}
        first_key = 1
        if keys:
            first_key += await self._batch(f"{self._name}.keys", list(keys.values())) - len(keys)
        numbers = {position: first_key + index for index, position in enumerate(keys)}
        entries = {position: entry for position, _, _, _, entry in group.events}
        messages: list[_Commit | _Event] = []
        for _, key, fingerprint, last, size, recorded_at, note in group.commits:
            positions = range(last - size + 1, last + 1)
            sealing = [keys.get(position) for position in positions]
            sealed = None if fingerprint is None else _seal(_together(sealing), fingerprint, key.encode())
            erases = tuple(position for position, by in group.erased.items() if by == last and size)
            messages.append(_Commit(key, sealed, note or b"", last, size, recorded_at, erases))
            messages += [
                _Event(
                    entries[position],
                    _seal(keys[position], payloads[position], entries[position]) if position in keys else None,
                    numbers.get(position, 0),
                )
                for position in positions
            ]
        fence = group.tail.position + group.tail.commits - len(messages)
        await self._batch(f"{self._name}.events", [msgspec.msgpack.encode(message) for message in messages], fence)
        await self._client.publish(f"{self._name}.hint")

    async def _batch(self, subject: str, messages: Sequence[bytes], fence: int | None = None) -> int:
        """Store messages, all of them or none, after message `fence`; return the number of the last one."""
        headers = {"Nats-Batch-Id": uuid4().hex}
        try:
            for number, message in enumerate(messages, start=1):
                headers["Nats-Batch-Sequence"] = str(number)
                fenced = {"Nats-Expected-Last-Sequence": str(fence)} if number == 1 and fence is not None else {}
                if number < len(messages):
                    await self._client.publish(subject, message, headers={**headers, **fenced})
        except (NatsError, OSError) as error:  # Without its last message a batch is nothing.
            raise LogUnavailable(f"the stream does not take it: {error!r}") from error
        try:
            committing = {**headers, **fenced, "Nats-Batch-Commit": "1"}
            answer = json.loads((await self._client.request(subject, message, TIMEOUT_S, headers=committing)).data)
        except (NatsError, OSError) as error:
            raise Behind(f"it is not known whether the stream took it: {error!r}") from error
        if "error" not in answer:
            return int(answer["seq"])
        if answer["error"]["description"].startswith("wrong last sequence"):
            raise Behind(f"the stream goes on: {answer['error']['description']}")
        raise LogUnavailable(f"the stream does not take it: {answer['error']}")

    async def _keys(self, first: int, last: int) -> dict[int, bytes]:
        keys: dict[int, bytes] = {}
        while first <= last and (page := await self._page(f"{self._name}-keys", first)):
            keys |= dict(page)
            first = page[-1][0] + 1
        return keys

    async def _page(self, stream: str, first: int, count: int = PAGE_MESSAGES_MAX) -> list[tuple[int, bytes]]:
        """Return some messages from number `first` on, with their numbers; none beyond the end."""
        asked = {"seq": first, "batch": count, "max_bytes": PAGE_BYTES_MAX}
        inbox = self._client.new_inbox()
        page: list[tuple[int, bytes]] = []
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def heard(message: Msg) -> None:
            headers = message.headers or {}
            if "Nats-Sequence" in headers:
                page.append((int(headers["Nats-Sequence"]), message.data))
            elif not ended.done():
                ended.set_result(headers.get("Status", ""))

        answers = await self._client.subscribe(inbox, cb=heard)
        try:
            await self._client.publish(f"$JS.API.DIRECT.GET.{stream}", json.dumps(asked).encode(), reply=inbox)
            async with asyncio.timeout(TIMEOUT_S):
                status = await ended
        except TimeoutError as error:
            raise LogUnavailable(f"the stream {stream} does not answer") from error
        finally:
            await answers.unsubscribe()
        if status not in ("204", "404"):
            raise LogUnavailable(f"the stream {stream} cannot be read: status {status}")
        return page

    async def _ask(self, what: str, body: Mapping[str, object]) -> dict[str, Any]:
        answer = await self._client.request(f"$JS.API.{what}", json.dumps(body).encode(), TIMEOUT_S)
        return cast("dict[str, Any]", json.loads(answer.data))

    def _settings(self, suffix: str, wanted: Mapping[str, object]) -> dict[str, object]:
        return {"name": f"{self._name}{suffix}", "subjects": [f"{self._name}.{suffix[1:] or 'events'}"], **wanted}


async def require_durable(system_url: str, client: Client) -> None:
    """Ask each server that answers; raises `LogUnavailable` where one may lose what it acknowledged."""
    if client.max_payload < MESSAGE_BYTES_MIN:
        raise LogUnavailable(f"the server takes {client.max_payload} bytes a message; a log needs {MESSAGE_BYTES_MIN}")
    async with await nats.connect(system_url) as system:
        answer = json.loads((await system.request("$SYS.REQ.SERVER.PING.VARZ", timeout=TIMEOUT_S)).data)
    settings = answer["data"]["jetstream"]["config"]
    if not settings.get("sync_always"):
        raise LogUnavailable("the server acknowledges before it is on disk: set its `sync_interval: always`")


def _read(number: int, content: bytes) -> _Commit | _Event:
    try:
        return _MESSAGE.decode(content)
    except msgspec.MsgspecError as error:
        raise LogDamaged(f"message {number} of the stream is none of a log: {error}") from None


def as_erased(commit: StoredCommit, here: StoredCommit) -> StoredCommit:
    """Return a commit of the stream without what is erased from it where `here` lies."""
    entries = [
        there if at.data is not None else structs.replace(there, salt=None, data=None)
        for there, at in zip(commit.entries, here.entries, strict=True)
    ]
    fingerprint = None if here.fingerprint is None else commit.fingerprint
    return structs.replace(commit, entries=tuple(entries), fingerprint=fingerprint, erases=here.erases)


def _together(keys: Sequence[bytes | None]) -> bytes:
    """Return the key of what is erased with any event of a commit; of one without events, what everybody knows."""
    return sha256(b"fingerprint".join(key or b"" for key in (b"", *keys))).digest()


def _seal(key: bytes, content: bytes, of: bytes) -> bytes:
    return AESGCM(key).encrypt(_ONCE, content, of)


def _unseal(key: bytes, content: bytes, of: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(_ONCE, content, of)
    except InvalidTag:
        raise LogDamaged("what the stream holds is not what was sealed, or its key is another") from None


def _opened(commit: _Commit, events: Sequence[_Event], keys: Sequence[bytes | None], number: int) -> StoredCommit:
    """Return a commit as logs store it; what has no key any more was erased."""
    entries = []
    for event, key in zip(events, keys, strict=True):
        content = None if event.sealed is None or key is None else _unseal(key, event.sealed, event.entry)
        salt, data = (None, None) if content is None else (content[:SALT_BYTES], content[SALT_BYTES:])
        entries.append(StoredEntry(entry=event.entry, salt=salt, data=data))
    erased = any(event.key and key is None for event, key in zip(events, keys, strict=True))
    sealed = None if erased else commit.fingerprint
    return StoredCommit(
        number=number,
        key=commit.key,
        fingerprint=None if sealed is None else _unseal(_together(keys), sealed, commit.key.encode()),
        note=commit.note,
        position=commit.position,
        recorded_at=commit.recorded_at,
        entries=tuple(entries),
        erases=commit.erases,
    )
