"""Each case of the contract is some test's, which says so in its docstring: "Case 12." or "Cases 1 and 14a"."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CASES: Final = {
    "1": "a commit has events, or says that it changed nothing; then key, fingerprint and head are kept",
    "2": "what is malformed or too large is refused, and nothing of it is stored",
    "3": "positions are head + 1 and on, in the order of the events",
    "4": "a violated condition names the conflict, stores nothing, and uses no position",
    "5": "a conflict of a commit's last event keeps all of it out",
    "6": "duplicate tags are folded, tags that look alike never collide, blanks and controls are refused",
    "7": "`recorded_at` never decreases",
    "8": "commits never interleave, and a page that ends inside one tells",
    "8a": "a clock over 60 s behind the log is refused",
    "9": "the same key and body give the same receipt and no rows",
    "10": "a retry gets its receipt after others appended matching events",
    "11": "a retry gets its receipt with a condition that would now fail",
    "12": "a key with another fingerprint is refused",
    "13": "an event id that is stored under another key is refused",
    "14": "a key is known after a restart, after 100,000 commits, after restoring a later backup",
    "14a": "a command that changed nothing still changes nothing when it is retried",
    "14b": "keys of one principal never meet another's",
    "15": "concurrent requests with one key are written once and answered alike",
    "16": "killed between commit and answer, then retried: stored once",
    "17": "a retry after its events were erased gets the original receipt",
    "18": "an outcome is found by its key, an unknown key has none",
    "19": "types are alternatives, tags add up, items are alternatives; each event once, ascending",
    "20": "an item with neither types nor tags is refused",
    "21": "`after` is exclusive",
    "22": "tags that are never on one event match nothing together",
    "23": "`after` beyond the head is refused",
    "24": "without `after` a condition looks at everything",
    "25": "of grouped requests one that fails, fails alone",
    "26": "of racers behind a barrier on one condition exactly one wins",
    "27": "a commit that lands during another's slow read makes it stale",
    "28": "the same boundary read twice gives no spurious conflict",
    "29": "disjoint writers have no conflicts",
    "30": "each stored event's condition held at its position",
    "31": "after the head there is nothing, and the head is told",
    "32": "the head comes from the same snapshot as the events",
    "33": "backwards is the reverse of forwards, page by page",
    "34": "limit 0 gives the head only, one above the maximum is refused",
    "35": "`upto` is inclusive",
    "36": "`position_at` before the first, between, and after the last event",
    "37": "after a refused append the next position is head + 1",
    "38": "every reader sees a contiguous prefix, always",
    "39": "a reader at the tail never later sees a position at or below its cursor",
    "40": "a subscriber ahead of a restored log is told so",
    "41": "from 0 come history, `CaughtUp` once, and then new events",
    "42": "from the head `CaughtUp` comes at once",
    "43": "the position to begin after is itself excluded",
    "44": "an empty log is caught up at 0",
    "45": "without a match `Progress` advances",
    "46": "an append at each step of the hand-over arrives once and in order",
    "47": "a burst larger than any buffer loses nothing",
    "48": "with all hints lost events arrive by the poll",
    "49": "a blocked subscriber wakes within a second",
    "50": "a subscriber cancelled while waiting ends at once and leaks nothing",
    "51": "a consumer killed between its model and its checkpoint has both or neither",
    "52": "one flipped bit in any row is found by `verify`, which names the place",
    "53": "a write-ahead log deleted, halved or flipped while hot: refused, saying how far the record should reach",
    "54": "disk full, read-only, file-size limit: refused clearly; reads go on; no restart once there is room",
    "55": "no SQL client changes or replaces a row, a dropped table is found at start",
    "56": "erased data is gone from the files, and proofs still hold",
    "56a": "`adopt` takes records verbatim, only onto an equal prefix",
    "57": "golden bytes of entries, leaves and roots",
    "58": "inclusion and consistency of every size up to 300, by an independent library",
    "59": "a forged leaf, proof, size or root is refused",
    "60": "two checkpoint notes of one log are consistent, and key rotation is an event",
}
"""Numbers and words of the contract."""

ELSEWHERE: Final = ("unit/test_proofs.py", "integration/test_sealing.py")
"""Files of tests that cases are claimed in, beside those of this folder: of what is pure, or stands above the log."""

_CLAIM: Final = re.compile(r"\bCases? (\d+[ab]?(?:(?:, | and )\d+[ab]?)*)")


def claims() -> Iterator[tuple[str, str]]:
    """Yield (case, test) of each claim in a docstring of a test of the contract."""
    here = Path(__file__).parent
    for file in (*sorted(here.glob("test_*.py")), *(here.parent / name for name in ELSEWHERE)):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for claim in _CLAIM.findall(ast.get_docstring(node) or ""):
                    yield from ((case, node.name) for case in re.split(r", | and ", claim))


def test_each_case_of_the_contract_is_some_tests() -> None:
    claimed = {case for case, _ in claims()}

    assert claimed == CASES.keys()


def test_a_case_that_no_test_claims_would_be_noticed() -> None:
    """As the first test of the contract would be, if its docstring said nothing of one."""
    assert _CLAIM.findall("Case 14a, after a restart.") == ["14a"]
    assert _CLAIM.findall("Cases 1, 12 and 14a: at once.") == ["1, 12 and 14a"]
    assert _CLAIM.findall("The case of a log that is lost.") == []
    assert len(list(claims())) > len(CASES)
