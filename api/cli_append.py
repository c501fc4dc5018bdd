"""`dateline append`: commands from JSON lines, each carried out once."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Final, NoReturn

import msgspec
from msgspec import Struct

from api.cli_service import Answer, Api, RefusedByService, given, reached
from api.command_lines import CommandLine, LineInvalid, content_of, numbered, read_line

ATTEMPTS_MAX: Final = 5
"""How often a line is sent while the service is busy; its key makes that safe."""
RETRY_S: Final = 1.0
KEY_DIGITS: Final = 32


TOKEN_HINT: Final = "; give one by --token or DATELINE_TOKEN: dateline token create makes one"


class Receipt(Struct, frozen=True, kw_only=True):
    """What a command did."""

    id: str
    position: int
    duplicate: bool


class Receipts(Struct, frozen=True, kw_only=True):
    """What a batch of one command did."""

    receipts: tuple[Receipt]


def append(file: str, *, data: Path, server: str | None, token: str | None) -> None:
    """Carry out the commands of a file (`-` is standard input), and print what each did.

    The first that is refused ends it: those before it are recorded, and known when the file is sent again.

    Raises `LineInvalid`, and what `reached` raises.
    """
    counts: Counter[str] = Counter()
    folder = Path() if file == "-" else Path(file).parent
    with reached(data, server, token) as api:
        for place, line in _lines(file):
            receipt, did = _carry_out(api, read_line(line, place, folder=folder))
            counts[did] += 1
            print(f"{receipt.position}\t{receipt.id}\t{did}", flush=True)  # noqa: T201
    print(", ".join(f"{counts[did]} {did}" for did in ("recorded", "unchanged", "known")), file=sys.stderr)  # noqa: T201


def _lines(file: str) -> Iterator[tuple[str, bytes]]:
    if file == "-":
        yield from numbered(sys.stdin.buffer, "standard input")
        return
    with Path(file).open("rb") as lines:
        yield from numbered(lines, file)


def _carry_out(api: Api, line: CommandLine) -> tuple[Receipt, str]:
    """Return the receipt of a line's command, and whether it was recorded now, known before, or changed nothing."""
    content = content_of(line)
    key = line.key or f"line:{sha256(content).hexdigest()[:KEY_DIGITS]}"
    if line.recorded_at is not None:
        raise LineInvalid(line.place, "only seeds keep their recorded_at; leave it out")
    answer = _sent(api, b'{"commands":[%s]}' % content, key)
    try:
        (receipt,) = msgspec.json.decode(given(answer), type=Receipts).receipts
    except RefusedByService as refusal:
        _refuse(line, refusal)
    if receipt.duplicate:
        return receipt, "known"
    return receipt, "recorded" if answer.status == HTTPStatus.CREATED else "unchanged"


def _sent(api: Api, body: bytes, key: str) -> Answer:
    for attempt in range(1, ATTEMPTS_MAX + 1):
        answer = api.ask("POST", "/v1/batch", body, {"Idempotency-Key": key})
        if answer.status not in (429, 503) or attempt == ATTEMPTS_MAX:
            break
        time.sleep(RETRY_S)
    return answer


def _refuse(line: CommandLine, refusal: RefusedByService) -> NoReturn:
    pointers = [place.pointer.removeprefix("/commands/0") for place in refusal.problem.errors]
    at = f" (at {pointers[0]})" if pointers and pointers[0] else ""
    detail = refusal.problem.detail.removeprefix("command 0: ")
    hint = TOKEN_HINT if refusal.problem.status in (401, 403) else ""
    raise LineInvalid(line.place, f"{detail}{at}{hint}") from None
