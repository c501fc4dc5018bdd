"""What only the JetStream engine has: its servers' settings, sealed messages, and a replica that can be made anew."""

import shutil
from collections.abc import AsyncGenerator
from pathlib import Path

import nats
import pytest

from events.log.jetstream import open_jetstream
from events.log.port import LogDamaged, LogShortened, LogUnavailable, Query
from tests.contract.engines import JetStream, Kind
from tests.contract.given import Clock, append_each, commit, files_with, made
from tests.contract.servers import Server, jetstream, nats_url
from tests.contract.test_erasure import SECRET, erasing

pytestmark = pytest.mark.parametrize("kind", ["jetstream"], indirect=True)


@pytest.fixture
def shared(kind: Kind) -> JetStream:
    assert isinstance(kind, JetStream)
    return kind


def shared_files_with(shared: JetStream, directory: Path, words: bytes) -> list[str]:
    return [file for folder in shared.folders(directory) for file in files_with(folder, words)]


@pytest.fixture
async def careless() -> AsyncGenerator[Server, None]:
    """A server that acknowledges what is not on disk yet, as servers do by default."""
    server = jetstream(sync_interval="2m")
    yield server
    server.remove()


async def test_a_server_that_acknowledges_before_it_syncs_is_refused(
    shared: JetStream, careless: Server, tmp_path: Path
) -> None:
    with pytest.raises(LogUnavailable, match="sync_interval: always"):
        await open_jetstream(nats_url(careless, "log"), tmp_path, system_url=nats_url(careless, "system"))


async def test_a_lost_directory_is_made_anew_from_the_stream(shared: JetStream, tmp_path: Path) -> None:
    engine = await shared.open(tmp_path / "data", Clock())
    request = commit(made("a:1", data=SECRET), key="k", fingerprint="f", note=b"note")
    receipt = await engine.log.append(request)
    await engine.log.append(commit(key="nothing", unchanged=True))
    await engine.log.append(commit(*(made("a:2") for _ in range(500))))
    head, page = await engine.log.head(), await engine.log.read(Query.all())
    await engine.close()
    shutil.rmtree(tmp_path / "data")

    engine = await shared.open(tmp_path / "data", Clock())

    assert (await engine.log.head(), await engine.log.read(Query.all())) == (head, page)
    again = await engine.log.append(request)
    assert (again.position, again.duplicate, again.note) == (receipt.position, True, b"note")
    nothing = await engine.log.append(commit(made(), key="nothing"))
    assert (nothing.position, nothing.size, nothing.duplicate) == (1, 0, True)
    await engine.close()


async def test_nothing_of_what_is_said_is_in_the_servers_files_unsealed(shared: JetStream, tmp_path: Path) -> None:
    """Case 56."""
    engine = await shared.open(tmp_path / "data", Clock())
    fingerprint = b"a fingerprint of a request"
    await engine.log.append(commit(made("a:1", data=SECRET), fingerprint=fingerprint.decode()))

    _, stored = shared.folders(tmp_path / "data")

    assert files_with(stored, b"a:1")
    assert files_with(stored, SECRET) == files_with(stored, fingerprint) == []
    await engine.close()


async def test_the_key_of_what_was_erased_is_gone_from_the_server_and_its_files(
    shared: JetStream, tmp_path: Path
) -> None:
    """Case 56: nobody can open what the messages seal any more; the entry stays, and proofs hold."""
    engine = await shared.open(tmp_path / "data", Clock())
    await append_each(engine.log, made("a:1", data=SECRET), made("a:2"))
    url, name = shared.address(tmp_path / "data")
    client = await nats.connect(url)

    async def key(number: int) -> bytes:
        return (await client.request(f"$JS.API.DIRECT.GET.{name}-keys", b'{"seq":%d}' % number)).data

    erased, kept = await key(1), await key(2)
    assert shared_files_with(shared, tmp_path / "data", erased)
    await engine.log.erase(erasing(1))

    assert (await key(1), await key(2)) == (b"", kept)
    assert shared_files_with(shared, tmp_path / "data", erased) == []
    later = await shared.join(tmp_path / "data", tmp_path / "later", Clock())
    assert [event.data for event in (await later.log.read(Query.all(), upto=2)).events] == [None, b"{}"]
    assert (await later.log.verify()).root == (await engine.log.head()).root
    await client.close()
    await later.close()
    await engine.close()


async def test_a_stream_that_ends_before_what_a_node_has_seen_is_refused(shared: JetStream, tmp_path: Path) -> None:
    """Promise 9."""
    engine = await shared.open(tmp_path / "data", Clock())
    await append_each(engine.log, made())
    await engine.close()
    await shared.copy(tmp_path / "data", tmp_path / "older")
    engine = await shared.open(tmp_path / "data", Clock())
    await append_each(engine.log, made())
    await engine.close()

    with pytest.raises(LogShortened):
        await shared.join(tmp_path / "older", tmp_path / "data", Clock())


async def test_a_message_of_somebody_else_is_damage_and_stops_appends(shared: JetStream, tmp_path: Path) -> None:
    engine = await shared.open(tmp_path / "data", Clock())
    await append_each(engine.log, made())
    [url, name] = shared.address(tmp_path / "data")
    stranger = await nats.connect(url)
    await stranger.request(f"{name}.events", b"hello")

    with pytest.raises(LogDamaged):
        await engine.log.append(commit(made()))

    await stranger.close()
    await engine.close()
