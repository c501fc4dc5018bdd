"""What is to come, what is due, whose dates slip and what came of it, a second time: plainly, from the naive fold."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from events.instants import Instant
from events.views.filters import Filter
from tests.property.naive import Answer
from tests.property.naive_lists import Shown, _widened

OFF = ("cancelled", "postponed")
STATES = (
    *("happened", "partly", "did_not_happen", "cannot_be_judged", "cancelled", "postponed", "due", "overdue"),
    "announced",
)

Row = dict[str, Any]


def agenda(shown: Shown, wanted: Filter, reference: Instant, days: int) -> list[Answer]:
    """What is to come on one of so many days, today included."""
    coming = []
    for answer in shown.answers:
        today = datetime.fromisoformat(reference).astimezone(ZoneInfo(answer["timezone"])).date()
        last = today + timedelta(days=days - 1)
        begins, ends = _on_agenda(answer["when"])
        if begins > last.isoformat() or ends < today.isoformat() or (answer["state"] in OFF and not wanted.state):
            continue
        if shown.fits(answer, wanted):
            coming.append((begins, ends, answer["id"], answer))
    return [answer for *_, answer in sorted(coming, key=lambda one: one[:3])]


def due(shown: Shown, wanted: Filter) -> list[Answer]:
    """What is due or overdue, the longest past first."""
    found = [one for one in shown.answers if one["state"] in ("due", "overdue") and shown.fits(one, wanted)]
    return sorted(found, key=lambda answer: (_fell_due(answer), answer["id"]))


def slippage(shown: Shown, wanted: Filter) -> list[Row]:
    """How the dates of everybody moved."""
    rows = [_slipped(actor, answers) for actor, answers in _by_actor(shown, wanted).items()]
    rows = [_named(shown, row) for row in rows if row["announcements"]]
    return sorted(rows, key=lambda row: (_least(row["slip_days"]["total"]), -row["moves"], row["actor"]["id"]))


def scoreboard(shown: Shown, wanted: Filter, *, by_year: bool) -> list[Row]:
    """What came of everybody's announcements."""
    rows: list[tuple[int, str, int, Row]] = []
    for actor, answers in _by_actor(shown, wanted).items():
        years: dict[int | None, list[Answer]] = defaultdict(list)
        for answer in answers:
            years[_year(answer) if by_year else 0].append(answer)
        for year in sorted(years, key=lambda year: 10_000 if year is None else year):
            told = {"actor": actor, "year": year} if by_year else {"actor": actor}
            rows.append((-len(answers), actor, len(rows), _named(shown, {**told, **_score(years[year])})))
    return [row for *_, row in sorted(rows, key=lambda row: row[:3])]


def _by_actor(shown: Shown, wanted: Filter) -> dict[str, list[Answer]]:
    """Everybody with what he announced, of that what is wanted; of everybody those who are asked for."""
    asked = {shown.lists.end(actor) for actor in wanted.actor}
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in shown.found(msgspec.structs.replace(wanted, actor=())):
        for actor in {shown.lists.end(one["id"]) for one in answer["actors"] if one["role"] == "by" and one["id"]}:
            if not asked or actor in asked:
                found[actor].append(answer)
    return found


def _named(shown: Shown, row: Row) -> Row:
    names = shown.lists.actor(row["actor"])
    name = None if names is None else names.get("en") or names[min(names)]
    return {**row, "actor": {"id": row["actor"], "name": name}}


def _slipped(actor: str, answers: Sequence[Answer]) -> Row:
    dated = [answer for answer in answers if answer["dates"]]
    moves = [sum(one["how"] == "moved" for one in answer["dates"]) for answer in dated]
    slips = sorted(
        answer["slip_days"]
        for answer, times in zip(dated, moves, strict=True)
        if times > 0 and answer["slip_days"] is not None
    )
    return {
        "actor": actor,
        "announcements": len(dated),
        "moved": sum(times > 0 for times in moves),
        "moves": sum(moves),
        "later": sum(slip > 0 for slip in slips),
        "earlier": sum(slip < 0 for slip in slips),
        "slip_days": {
            "known": len(slips),
            "total": sum(slips) if slips else None,
            "median": slips[(len(slips) - 1) // 2] if slips else None,
            "max": max(slips) if slips else None,
        },
    }


def _score(answers: Sequence[Answer]) -> Row:
    counts = {state: sum(answer["state"] == state for answer in answers) for state in STATES}
    moved = sum(any(one["how"] == "moved" for one in answer["dates"]) for answer in answers)
    return {"total": len(answers), **counts, "moved": moved}


def _least(total: int | None) -> float:
    return float("inf") if total is None else -total


def _year(answer: Answer) -> int | None:
    latest = answer["when"]["latest"]
    return None if latest is None else date.fromisoformat(latest).year


def _on_agenda(when: Answer) -> tuple[str, str]:
    """The days between which a date is on the agenda; beyond all days where it has none."""
    if when["edtf"] is None:
        return "~", ""
    if when["kind"] == "from":
        return when["earliest"], when["earliest"]
    if when["kind"] in ("deadline", "until"):
        return when["latest"], when["latest"]
    return when["earliest"] or "", when["latest"] or "~"


def _fell_due(answer: Answer) -> datetime:
    last = _widened(answer["when"]["edtf"], date.fromisoformat(answer["when"]["latest"]))
    begins = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(answer["timezone"]))
    return begins.astimezone(UTC)


def wanted_of(draw: Random, announcements: Sequence[str]) -> Iterator[Filter]:
    """Yield filters without end, each of one field or two."""
    pools: dict[str, tuple[Any, ...]] = {
        "kind": ("visit", "law", "other"),
        "topic": ("trade", "énergie"),
        "place": ("Tōkyō", "Manila"),
        "actor": tuple(f"actor-{number}" for number in range(40)),
        "source": tuple(f"source-{number}" for number in range(80)),
        "state": (*STATES, "merged", "withdrawn", "retracted"),
        "id": tuple(announcements),
        "q": ("treaty", "tok", "elysee", "łodz"),
        "from_": ("2020-05-01", "2023-01-01"),
        "to": ("2021-12-31", "2024-06-30"),
        "changed_after": (2000, 7000),
    }
    while True:
        asked: dict[str, Any] = {}
        for field in draw.sample(sorted(pools), draw.choice((1, 1, 2))):
            if field in ("q", "from_", "to", "changed_after"):
                asked[field] = draw.choice(pools[field])
            else:
                asked[field] = tuple(draw.sample(pools[field], min(len(pools[field]), draw.choice((1, 2, 20)))))
        if asked.get("from_", "") <= asked.get("to", "~"):
            yield Filter(**asked)
