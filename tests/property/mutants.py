"""Wrong folds, each named for its mistake: copies of `events.standing` and `events.history` with one thing changed."""

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

from events.history import History

MODULES: Final = ("events.standing", "events.history")


class Mutant(NamedTuple):
    """A mistake: texts of the two modules, each of which occurs once, and what stands there instead."""

    name: str
    changes: tuple[tuple[str, str], ...]


def fold_of(mutant: Mutant) -> type[History]:
    """Return the class `History` of copies of both modules that make the mistake."""
    sources = {name: Path(str(import_module(name).__file__)).read_text() for name in MODULES}
    for before, after in mutant.changes:
        places = {name: source.count(before) for name, source in sources.items()}
        assert sum(places.values()) == 1, f"{mutant.name}: {before!r} stands at {places}; name one place"
        sources = {name: source.replace(before, after) for name, source in sources.items()}
    copies = {name: ModuleType(name) for name in MODULES}
    kept = {name: sys.modules[name] for name in MODULES}
    try:
        for name, copy in copies.items():
            sys.modules[name] = copy  # The second copy imports the first, not the original.
            exec(compile(sources[name], f"<{mutant.name}>", "exec"), copy.__dict__)
    finally:
        sys.modules.update(kept)
    fold: type[History] = copies["events.history"].History
    return fold


FAITHFUL: Final = Mutant("a copy without a mistake", ())

MUTANTS: Final = (
    Mutant(
        "statements are ordered by position only",
        (("sorted(said, key=lambda s: s[:2])", "sorted(said, key=lambda s: s[1])"),),
    ),
    Mutant(
        "a correction stands at its own place, not after what it corrects",
        (
            (
                "        course = evolve(course, said)\n    return course\n",
                (
                    "        course = evolve(course, said)\n"
                    "    in_order = sorted(course.dates, key=lambda date: date.how == 'corrected')\n"
                    "    return msgspec.structs.replace(course, dates=tuple(in_order))\n"
                ),
            ),
        ),
    ),
    Mutant(
        "a statement was said at the last of its citations",
        (
            (
                "min((c.said_at for c in citations if not is_gone(gone, c.source, at))",
                "max((c.said_at for c in citations if c.said_at <= at and not is_gone(gone, c.source, at))",
            ),
        ),
    ),
    Mutant(
        "the withdrawal of a withdrawal is ignored",
        (("record.position not in withdrawn and fact.position <", "fact.position <"),),
    ),
    Mutant(
        "a withdrawal reaches forward",
        ((" and fact.position < record.position:\n            withdrawn", ":\n            withdrawn"),),
    ),
    Mutant(
        "an editor's amendment holds only from its recording",
        (
            (
                "if at < self.counts_from:",
                "if at < (self.counts_from if self.fact.origin == 'source' else self.record.recorded_at):",
            ),
        ),
    ),
    Mutant(
        "a source's amendment holds at every instant",
        (
            ("if at < self.counts_from:", "if self.fact.origin == 'editor' and at < self.counts_from:"),
            ('self.fact.origin == "editor" or said_at(self.citations, gone, at) <= at', "True"),
            ('if amendment.fact.origin == "source" else moment', "if own else moment"),
        ),
    ),
    Mutant(
        "an editor's correction of a source's correction leaks into the time before",
        (("if at < self.counts_from:", "if self.fact.origin == 'source' and at < self.counts_from:"),),
    ),
    Mutant(
        "an amendment is applied to what it names, not to the statement in the end",
        (("amendments.setdefault(roots[position], [])", "amendments.setdefault(record.fact.corrects, [])"),),
    ),
    Mutant(
        "undoing an amendment takes along those built on it",
        (
            (
                "if isinstance(record.fact, f.Amended) and position in roots and position not in withdrawn:",
                (
                    "if isinstance(record.fact, f.Amended) and position in roots"
                    " and record.fact.corrects not in withdrawn:"
                ),
            ),
        ),
    ),
    Mutant(
        "corroborations do not hold a statement up",
        ((" + support.get(record.position, ())", ""),),
    ),
    Mutant(
        "the corroboration of a corroboration supports nothing",
        (("support[root] = support.get(root, ())", "support[record.fact.supports] = support.get(root, ())"),),
    ),
    Mutant(
        "a source's end holds at every instant",
        (("return since is not None and since <= at", "return since is not None"),),
    ),
    Mutant(
        "what a source said falls, but its end is no news",
        (("counts[record.position] = max(fact.said_at or ALWAYS, cited_from[fact.source])", "pass"),),
    ),
    Mutant(
        "merges may close a circle",
        (
            (
                "while end in merges:\n            end = merges[end].into\n        if end != fact.announcement:",
                "if end:",
            ),
        ),
    ),
    Mutant(
        "a void merge counts for the position",
        (("{**since, **void}", "since"),),
    ),
    Mutant(
        "slip counts from the first date uncorrected",
        (("        first = date\n", '        first = first if date.how == "corrected" else date\n'),),
    ),
    Mutant(
        "a narrowing is a move",
        (('return "narrowed"', 'return "moved"'),),
    ),
    Mutant(
        "a misreading is judged as a move",
        (("how = _how(course, before, now)", "how = _how(course, before, said.dates[0].when)"),),
    ),
    Mutant(
        "the same date again is an entry",
        (("if before is not None and all(_same(given.when, before) for given in said.dates):", "if False:"),),
    ),
    Mutant(
        "an undated restatement reopens",
        (
            (
                "    if not said.dates:\n        return course\n",
                "    if not said.dates:\n        return msgspec.structs.replace(course, verdict=None, off=None)\n",
            ),
        ),
    ),
    Mutant(
        "putting off leaves the date in force",
        (("when=None, dates=dates", "dates=dates"),),
    ),
    Mutant(
        "clock facts count for the position",
        ((" if not isinstance(record.fact, f.CameUp | f.FellDue)}", "}"),),
    ),
    Mutant(
        "the position is the last recorded, whatever had been said",
        (("in reversed(stands.counting) if since <= at)", "in reversed(stands.counting))"),),
    ),
    Mutant(
        "a withdrawn announcement was never there",
        (
            (
                "for s in stated if isinstance(s.fact, f.Made))",
                "for s in stated if isinstance(s.fact, f.Made) and not s.withdrawn)",
            ),
        ),
    ),
    Mutant(
        "retraction goes before merging",
        (
            (
                "    if stands.merged_into is not None:\n",
                '    if stands.retracted:\n        return "retracted"\n    if stands.merged_into is not None:\n',
            ),
        ),
    ),
)
