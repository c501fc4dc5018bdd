"""Proofs of a running service, checked by clients that share no code with it."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tlog_scales.backend import HttpBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from tests.api.served import Served, source

ENTRIES = 300


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("proofs") / "data") as served:
        for start in range(0, ENTRIES, 100):
            commands = [{"command": "record_source", **source(f"s-{number}")} for number in range(start, start + 100)]
            assert served.post("/v1/batch", {"commands": commands}).status_code == 201
        yield served


class TestClient:
    """Reads a log as the texts of C2SP tlog-tiles, tlog-checkpoint and signed-note say, and in no other way."""

    __test__ = False

    def __init__(self, served: Served, vkey: str) -> None:
        self.served = served
        name, key_id, key = vkey.split("+", 2)
        self.name = name
        self.public = base64.b64decode(key)[1:]
        assert base64.b64decode(key)[:1] == b"\x01"
        assert hashlib.sha256(f"{name}\n".encode() + b"\x01" + self.public).digest()[:4].hex() == key_id
        self.id = bytes.fromhex(key_id)

    def get(self, path: str, media_type: str) -> bytes:
        answer = self.served.public.get(f"{self.served.url}/{path}")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        return answer.content

    def checkpoint(self) -> tuple[str, int, bytes]:
        note = self.get("checkpoint", "text/plain; charset=utf-8").decode()
        text, _, signatures = note.rpartition("\n\n")
        (line,) = [line for line in signatures.splitlines() if line.startswith(f"— {self.name} ")]
        signature = base64.b64decode(line.split(" ")[2])
        assert signature[:4] == self.id
        Ed25519PublicKey.from_public_bytes(self.public).verify(signature[4:], f"{text}\n".encode())
        origin, size, root = text.split("\n")
        return origin, int(size), base64.b64decode(root)

    def tile(self, level: str, index: int, width: int) -> bytes:
        partial = "" if width == 256 else f".p/{width}"
        return self.get(f"tile/{level}/{index:03d}{partial}", "application/octet-stream")

    def entries(self, size: int) -> list[bytes]:
        found: list[bytes] = []
        for index in range(-(-size // 256)):
            bundle = self.tile("entries", index, min(256, size - 256 * index))
            while bundle:
                length = int.from_bytes(bundle[:2], "big")
                found.append(bundle[2 : 2 + length])
                bundle = bundle[2 + length :]
        return found


def mth(leaves: list[bytes]) -> bytes:
    """Return the Merkle Tree Hash of RFC 6962, section 2.1."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\x00" + leaves[0] if leaves else b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def test_a_client_written_from_the_specifications_alone_verifies_the_whole_log(served: Served) -> None:
    told = served.get("/v1/log")
    client = TestClient(served, told["vkey"])

    origin, size, root = client.checkpoint()

    entries = client.entries(size)
    assert (origin, size) == (told["origin"], told["head"])
    assert origin == client.name
    assert len(entries) == size == ENTRIES
    assert mth(entries) == root == bytes.fromhex(told["root"])
    hashes = client.tile("0", 0, 256) + client.tile("0", 1, size - 256)
    assert hashes == b"".join(hashlib.sha256(b"\x00" + entry).digest() for entry in entries)
    assert client.tile("1", 0, 1) == mth(entries[:256])


def test_another_programs_reader_of_tiles_finds_the_root_entries_and_proofs(served: Served) -> None:
    reader = TilesReader(HttpBackend(served.url))
    checkpoint = reader.get_checkpoint()

    checkpoint.verify(Vkey.from_string(served.get("/v1/log")["vkey"]))

    assert reader.calculate_root_hash() == checkpoint.root_hash
    for index in (0, 1, 255, 256, ENTRIES - 1):
        leaf = hashlib.sha256(b"\x00" + reader.get_entry(index)).digest()
        theirs = reader.get_inclusion_proof(index, checkpoint.size)
        theirs.check(leaf, checkpoint.root_hash)
        ours = served.get(f"/v1/events/{index + 1}/proof")
        assert [base64.b64decode(hash) for hash in ours["path"]] == theirs.node_hashes
    for first in (1, 2, 255, 256, 257, ENTRIES):
        ours = served.get("/v1/log/consistency", first=first)
        theirs_between = reader.get_consistency_proof(first, checkpoint.size)
        theirs_between.check(base64.b64decode(ours["first_root"]), base64.b64decode(ours["second_root"]))
        assert [base64.b64decode(hash) for hash in ours["path"]] == theirs_between.node_hashes


def test_a_proof_holds_all_that_is_needed_to_check_it_offline(served: Served) -> None:
    proof = served.get("/v1/events/7/proof")

    entry = proof["entry"].encode()
    assert base64.b64decode(proof["leaf_hash"]) == hashlib.sha256(b"\x00" + entry).digest()
    data_hash = hashlib.sha256(b"\x02" + base64.b64decode(proof["salt"]) + proof["data"].encode()).hexdigest()
    assert f'"data_hash":"{data_hash}"' in proof["entry"]
    assert proof["checkpoint"].split("\n")[1] == str(proof["tree_size"])
    assert proof["checkpoint"] == served.public.get(f"{served.url}/checkpoint").text


def test_a_tile_never_changes_and_what_is_not_there_yet_is_404(served: Served) -> None:
    full = served.public.get(f"{served.url}/tile/0/000")
    partial = served.public.get(f"{served.url}/tile/0/000.p/10")

    assert "immutable" in full.headers["cache-control"]
    assert partial.content == full.content[:320]
    again = served.public.get(f"{served.url}/tile/0/000", headers={"If-None-Match": full.headers["etag"]})
    assert again.status_code == 304
    for path in ("0/001", "0/002.p/1", "1/000.p/2", "2/000.p/1", "entries/001", "x/000", "0/1", "0", "0/000.p/256",
                 "-1/000", "0/000/../001"):  # fmt: skip
        answer = served.public.get(f"{served.url}/tile/{path}")
        assert answer.status_code == 404, path


def test_the_note_asks_again_and_the_same_note_is_not_sent_twice(served: Served) -> None:
    note = served.public.get(f"{served.url}/checkpoint")

    assert note.headers["cache-control"] == "no-cache"
    again = served.public.get(f"{served.url}/checkpoint", headers={"If-None-Match": note.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/events/0/proof", 404), ("/v1/events/301/proof", 404), ("/v1/events/x/proof", 404),
        ("/v1/log/consistency", 400), ("/v1/log/consistency?first=301", 400),
        ("/v1/log/consistency?first=3&second=2", 400), ("/v1/log/consistency?first=1&second=301", 400),
        ("/v1/log/consistency?first=-1", 400), ("/v1/log/consistency?first=0", 200),
        ("/v1/log/consistency?first=5&second=5", 200), ("/v1/log/commits?after=9007199254740991", 200),
        ("/v1/log/commits?after=-1", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_proved_is_refused(served: Served, path: str, status: int) -> None:
    assert served.public.get(f"{served.url}{path}").status_code == status


def test_commits_are_told_as_they_are_stored_and_requests_to_the_admin_alone(served: Served) -> None:
    public = served.public.get(f"{served.url}/v1/log/commits").json()
    admin = served.api.get(f"{served.url}/v1/log/commits").json()

    assert [commit["position"] for commit in public["commits"]] == [100, 200, 300]
    assert public["next"] == 3
    assert [commit["number"] for commit in admin["commits"]] == [1, 2, 3]
    assert {(commit["key"], commit["fingerprint"], commit["note"]) for commit in public["commits"]} == {
        (None, None, "")
    }
    assert all(commit["key"].startswith("admin/") for commit in admin["commits"])
    leaf = base64.b64decode(admin["commits"][0]["entries"][6]["entry"])
    assert leaf.decode() == served.get("/v1/events/7/proof")["entry"]
    rest: dict[str, Any] = served.public.get(f"{served.url}/v1/log/commits?after=3").json()
    assert (rest["commits"], rest["next"]) == ([], None)


def test_where_reads_are_not_public_nothing_of_it_is(tmp_path: Path) -> None:
    with Served(tmp_path / "data", public_read="0") as served:
        served.post("/v1/sources", source("s"))
        for path in (
            "/checkpoint",
            "/tile/0/000.p/1",
            "/v1/events/1/proof",
            "/v1/log/commits",
            "/v1/log/consistency?first=1",
        ):
            assert served.public.get(f"{served.url}/{path}").status_code == 401
            assert served.api.get(f"{served.url}/{path}").status_code == 200
