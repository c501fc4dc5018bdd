"""The bytes that are hashed: entries, leaves and roots (case 57)."""

import hashlib
import json

from events.log.port import Event, Log, Query, Verified
from tests.contract.conftest import Served
from tests.contract.given import append_each, commit, made


def entry_of(event: Event) -> bytes:
    """Write an entry by the letter of DESIGN section 4, sharing no code with the engine."""
    optional = {"said_at": event.said_at, "correlation": event.correlation, "causation": event.causation}
    entry = {
        "position": event.position,
        "id": event.id,
        "type": event.type,
        "v": event.v,
        "tags": sorted(event.tags),
        "recorded_at": event.recorded_at,
        "by": event.by,
        "commit": list(event.commit),
        "data_hash": event.data_hash,
    } | {key: value for key, value in optional.items() if value is not None}
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def root_of(leaves: list[bytes]) -> bytes:
    """Write the root by the recursion of RFC 6962, section 2.1."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:split]) + root_of(leaves[split:])).digest()


async def test_the_root_is_that_of_the_entries_as_the_design_writes_them(log: Log) -> None:
    """Case 57."""
    assert (await log.head()).root == root_of([])

    for size in range(1, 40):
        await log.append(commit(*(made(f"a:{size}", 'b:"\\é訪\U0001f600') for _ in range(size % 4 + 1))))
        events = (await log.read(Query.all())).events
        head = await log.head()
        assert head.position == len(events)
        assert head.root == root_of([entry_of(event) for event in events])


async def test_the_optional_parts_of_an_entry_are_hashed_too(log: Log) -> None:
    """Case 57."""
    await append_each(log, made())
    said = made("a:1")
    full = commit(said)
    await log.append(
        type(full)(
            key=full.key,
            fingerprint=full.fingerprint,
            by=full.by,
            correlation="4bf92f3577b34da6a3ce929d0e0e4736",
            events=(
                type(said)(
                    type=said.type,
                    data=said.data,
                    tags=said.tags,
                    v=2,
                    said_at="2024-04-09T08:00:00.000000Z",
                    causation=1,
                ),
            ),
        )
    )

    events = (await log.read(Query.all())).events
    assert (events[1].v, events[1].causation, events[1].said_at) == (2, 1, "2024-04-09T08:00:00.000000Z")
    assert events[1].correlation == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert (await log.head()).root == root_of([entry_of(event) for event in events])


async def test_root_and_id_of_the_log_are_the_same_after_a_restart(served: Served) -> None:
    """Case 57."""
    log = (await served.open()).log
    await append_each(log, *(made() for _ in range(7)))
    before = await log.head()
    await served.close()

    log = (await served.open()).log

    assert await log.head() == before
    await append_each(log, made())
    events = (await log.read(Query.all())).events
    assert (await log.head()).root == root_of([entry_of(event) for event in events])


async def test_what_was_recorded_verifies_whole_and_in_part(log: Log) -> None:
    """Case 57."""
    empty = await log.verify()
    assert (empty.first, empty.last, empty.root) == (1, 0, root_of([]))
    await append_each(log, *(made(f"a:{number}", "b:1") for number in range(9)))
    await log.append(commit(made(), made(), made()))
    await log.append(commit(unchanged=True))

    head = await log.head()

    assert await log.verify() == Verified(first=1, last=12, root=head.root)
    assert (await log.verify(last=11)).last == 11  # The last commit goes on after it.
    part = await log.verify(first=4, last=11)
    entries = [entry_of(event) for event in (await log.read(Query.all())).events]
    assert part == Verified(first=4, last=11, root=root_of(entries[:11]))
