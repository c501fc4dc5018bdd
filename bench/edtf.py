"""How fast dates are read: parses with bounds a second, and the slowest of 200 characters."""

import random
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from events.edtf import TEXT_CHARACTERS_MAX, EdtfError, bounds, parse

TEXTS: Final = 30_000
ROUNDS: Final = 5
SLOWEST_ROUNDS: Final = 50


class Measured(NamedTuple):
    """`parses_per_s` is the median of the rounds; nothing is cached, so no text is read faster the second time."""

    parses_per_s: float
    slowest_s: float
    slowest_text: str


def measure() -> Measured:
    """Read mixed expressions, and the worst of 200 characters that are known, and say how long it took."""
    texts = mixed(TEXTS)
    rates = sorted(len(texts) / _seconds(lambda: [bounds(parse(text)) for text in texts]) for _ in range(ROUNDS))
    slowest_s, slowest_text = max((_best(text), text) for text in worst())
    return Measured(rates[ROUNDS // 2], slowest_s, slowest_text)


def mixed(count: int) -> list[str]:
    """Return expressions of every form in equal shares, the same ones every time."""
    chance = random.Random(8601)
    forms = (
        lambda y, m, d: f"{y:04}-{m:02}-{d:02}",
        lambda y, m, d: f"{y:04}-{m:02}-{d:02}~",
        lambda y, m, d: f"{y:04}-{m:02}",
        lambda y, m, d: f"{y:04}",
        lambda y, m, d: f"../{y:04}-{m:02}-{d:02}",
        lambda y, m, d: f"{y:04}-{m:02}/..",
        lambda y, m, d: f"{y:04}-{m:02}-{d:02}/{y + 1:04}-{m:02}-{d:02}",
        lambda y, m, d: f"{y:04}-{20 + m}",
        lambda y, m, d: f"{y // 10:03}X",
        lambda y, m, d: f"{y:04}-{m:02}-XX",
        lambda y, m, d: f"{y // 100:02}XX-{m:02}-{d:02}",
        lambda y, m, d: f"{y:04}-{m:02}~-{d:02}",
        lambda y, m, d: f"{y:04}S{1 + m % 3}",
        lambda y, m, d: f"Y{y}{m:02}{d:02}",
        lambda y, m, d: f"{y:04}-{m:02}-{d:02}T{m:02}:{d:02}:00Z",
        lambda y, m, d: f"[{y:04},{y + 1:04}-{m:02}]",
    )
    return [
        forms[number % len(forms)](chance.randint(1000, 9998), chance.randint(1, 12), chance.randint(1, 28))
        for number in range(count)
    ]


def worst() -> list[str]:
    """Return texts of 200 characters that give a reader the most to do, valid ones and others."""
    masks = ("XXXX", "XX00-02-29", "X100-02-29", "-XXXX-02-29", "XXX1-02-29")
    members = ("1", "2024", *masks, "?2024~-?11~-?30~", "2X", "..")
    filled = [
        (left + ",".join([member] * TEXT_CHARACTERS_MAX))[: TEXT_CHARACTERS_MAX - 1].rstrip(",") + right
        for member in members
        for left, right in ("[]", "{}", "[}")
    ]
    exact = [
        left + ",".join([member] * ((TEXT_CHARACTERS_MAX - 1) // (len(member) + 1))) + right
        for member in members
        for left, right in ("[]", "{}")
    ]
    plain = ["X", "Y", "9", "-", "/", "?", "~2024", "2024-", "..", "[", "{", ",", "T", " ", "é", "2024-04-10/"]
    years = ["Y" + "9" * 199, "Y1E" + "9" * 197, "Y9S" + "9" * 197, "Y-" + "1" * 150 + "E" + "1" * 48]
    return [*filled, *exact, *((text * TEXT_CHARACTERS_MAX)[:TEXT_CHARACTERS_MAX] for text in plain), *years]


def _best(text: str) -> float:
    """Return the least of several times: what the text costs, without what else the machine was doing."""
    return min(_seconds(lambda: _read_or_refuse(text)) for _ in range(SLOWEST_ROUNDS))


def _read_or_refuse(text: str) -> None:
    try:
        parse(text)
    except EdtfError:
        return


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    measured = measure()
    print(f"EDTF parses with bounds, mixed input: {measured.parses_per_s:,.0f} a second (at least 100,000)")
    print(f"slowest of 200 characters: {measured.slowest_s * 1e3:.3f} ms (at most 1), {measured.slowest_text[:40]}")
