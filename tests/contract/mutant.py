"""A wrong SQLite engine: a copy of one of its modules with a mistake in it."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Mutant(NamedTuple):
    """A mistake: texts of a module, each of which occurs once, what stands there instead, and tests that turn red.

    Tests are named by file and function, with parameters where only some of them notice.
    """

    name: str
    module: str
    changes: tuple[tuple[str, str], ...]
    killed_by: str


def source_of(mutant: Mutant) -> str:
    """Return the source of the module with the mistake in it."""
    spec = find_spec(f"events.log.{mutant.module}")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    for before, after in mutant.changes:
        count = source.count(before)
        assert count == 1, f"{mutant.name!r}: {before!r} stands {count} times in {mutant.module}; name one place"
        source = source.replace(before, after)
    return source
