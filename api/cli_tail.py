"""`dateline tail`: facts as they are recorded, one a line."""

import http.client
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from api.cli_service import Answer, NothingThere, Remote, Unreachable, given, running_at
from api.cloudevents import CloudEvent
from events.errors import DatelineError

SILENCE_S: Final = 60.0
"""A feed that says nothing for so long is gone: it has a heartbeat four times as often."""
RETRY_S: Final = 1.0
ATTEMPTS_MAX: Final = 30


class CursorUnknown(DatelineError):
    """The service does not know the entry that was read last: its history is another one."""

    code = "cursor-unknown"

    def __init__(self) -> None:
        super().__init__("the service has another history than the one read so far; begin again with --from start")


class Place:
    """How far the feed was read: after an entry's id, else after a position, else from where was asked."""

    def __init__(self, start: str) -> None:
        self.start = start
        self.cursor: str | None = None
        self.caught_up = False


def tail(start: str, *, follow: bool, data: Path, server: str | None, token: str | None) -> None:
    """Print facts after `start`, and with `follow` those to come: JSON, or words where a person reads them.

    Raises `AddressInvalid`, `Unreachable`, `CursorUnknown`, `RefusedByService`.
    """
    url = server or running_at(data)
    if url is None:
        if not (data / "log.db").exists():
            raise NothingThere(data)
        raise Unreachable(f"no server serves {data}, so nothing is recorded; start one: dateline serve --data {data}")
    remote = Remote(url, token, timeout_s=SILENCE_S)
    place, attempts = Place(start), 0
    while True:
        try:
            for event in _facts(remote, place, follow=follow):
                attempts = 0
                _print(event)
        except Unreachable:
            attempts += 1
            if (attempts == 1 and place.cursor is None and not place.caught_up) or attempts > ATTEMPTS_MAX:
                raise
        if place.caught_up and not follow:
            return
        time.sleep(RETRY_S)


def _facts(remote: Remote, place: Place, *, follow: bool) -> Iterator[CloudEvent]:
    """Yield facts until the stream ends, remembering how far they go."""
    headers = {} if place.cursor is None else {"Last-Event-ID": place.cursor}
    connection, response = remote.open(
        "GET", f"/v1/feed?from={quote(place.start, errors='surrogateescape')}", headers=headers
    )
    try:
        if response.status >= 400:
            given(Answer(status=response.status, body=response.read()))
        for fields in _frames(response):
            match fields.get("event"):
                case "reset":
                    raise CursorUnknown
                case "bye":
                    return
                case "caught-up":
                    place.caught_up = True
                    place.start = str(msgspec.json.decode(fields["data"])["position"])
                    if not follow:
                        return
                case None if "id" in fields:
                    event = msgspec.json.decode(fields["data"], type=CloudEvent)
                    yield event
                    place.cursor, place.start = fields["id"], str(event.position)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{remote.url} is gone ({error}); go on with --from {place.start}") from None
    finally:
        connection.close()


def _frames(response: http.client.HTTPResponse) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    while line := response.readline():
        text = line.decode().rstrip("\n")
        if text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            yield fields
            fields = {}


def _print(event: CloudEvent) -> None:
    if sys.stdout.isatty():
        from api.terminal import fact_words

        line = fact_words(event)
    else:
        line = msgspec.json.encode(event).decode()
    print(line, flush=True)  # noqa: T201
