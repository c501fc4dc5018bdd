"""A wrong SQLite engine: one of its modules with a mistake in it."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

LOG = Path(__file__).parents[2] / "events" / "log"
_IMPORTED = re.compile(r"^from events\.log\.(\w+) import", re.MULTILINE)


class Mutant(NamedTuple):
    """A mistake: texts of one module, each of which occurs once in the engine, what stands there instead, and a test.

    The test turns red. It is named by file and function, with parameters where only some of them notice.
    """

    name: str
    changes: tuple[tuple[str, str], ...]
    killed_by: str


@cache
def sources() -> dict[str, str]:
    """Return the source of each module that the SQLite engine is made of."""
    found: dict[str, str] = {}
    wanted = ["sqlite"]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = (LOG / f"{name}.py").read_text(encoding="utf-8")
            wanted += _IMPORTED.findall(found[name])
    return found


def mutated(mutant: Mutant) -> tuple[str, str]:
    """Return the name of the module with the mistake, and its source with it."""
    modules: set[str] = set()
    for before, _ in mutant.changes:
        places = {name: count for name, source in sources().items() if (count := source.count(before))}
        assert sum(places.values()) == 1, f"{mutant.name!r}: {before!r} stands at {places or 'no place'}; name one"
        modules |= places.keys()
    assert len(modules) == 1, f"{mutant.name!r} changes {modules}; make it one module"
    (module,) = modules
    source = sources()[module]
    for before, after in mutant.changes:
        source = source.replace(before, after)
    return module, source
