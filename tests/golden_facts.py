"""The golden bytes of facts: `python -m tests.golden_facts` adds those of new types and versions, and changes none."""

import json
from pathlib import Path
from typing import Any, Final

from events import facts as f
from events.log.entry import Entry, canonical, data_hash, decode, encode
from events.log.merkle import leaf_hash
from events.tags import tags_of
from tests.unit.examples import EXAMPLES, NAMED

FILE: Final = Path(__file__).parent / "data" / "golden-facts.json"
SALT: Final = bytes(range(16))
EXTENTS: Final = ("full", "minimal")


def golden() -> dict[str, dict[str, Any]]:
    """Return the golden bytes by name: the type, from version 2 on the version, and how much is said."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["facts"]
    return found


def parts_of(name: str) -> tuple[str, int, str]:
    """Return the type, the version and the extent of a name.

    >>> parts_of("announcement.made full+refs"), parts_of("announcement.made v2 minimal")
    (('announcement.made', 1, 'full'), ('announcement.made', 2, 'minimal'))
    """
    type_name, *version, extent = name.split()
    return type_name, int(version[0][1:]) if version else 1, extent.partition("+")[0]


def required() -> set[tuple[str, int, str]]:
    """Return what there have to be golden bytes of: every version of each type, with all it says and the least."""
    return {(name, v, extent) for name, last in f.VERSIONS.items() for v in range(1, last + 1) for extent in EXTENTS}


def entry_of(name: str) -> bytes:
    """Return the entry of an example at position 7, recorded by the token from the environment."""
    fact = EXAMPLES[name]
    about = next((getattr(fact, name) for name in ("corrects", "supports", "position") if hasattr(fact, name)), None)
    type_name, v, extent = parts_of(name)
    return encode(
        Entry(
            by="admin",
            causation=about if isinstance(fact, f.Amended | f.Corroborated | f.FactWithdrawn) else None,
            commit=(6, 2),
            correlation="4bf92f3577b34da6a3ce929d0e0e4736" if extent == "full" else None,
            data_hash=data_hash(SALT, canonical(f.plain(fact))),
            id="018ec86a-6640-7000-8000-000000000000",
            position=7,
            recorded_at="2024-04-11T08:00:00.000001Z",
            said_at=f.said_at_of(fact),
            tags=tags_of(fact, named=NAMED if isinstance(fact, f.Amended | f.FactWithdrawn) else ()),
            type=type_name,
            v=v,
        )
    )


def main() -> None:
    """Add what is missing."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    for name in EXAMPLES.keys() - found["facts"].keys():
        entry = entry_of(name)
        found["facts"][name] = {
            "data": canonical(f.plain(EXAMPLES[name])).decode(),
            "tags": list(decode(entry).tags),
            "entry": entry.decode(),
            "leaf": leaf_hash(entry).hex(),
        }
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
