"""A flipped bit, a zeroed sector or a missing end of any file changes no answer of the log unnoticed (cases 52 and 53).

`damage` says what is damaged how, and what counts as noticed.
"""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from tests.crash.damage import COLD, HOT, Found, damaged, directories
from tests.crash.disk import in_memory
from tests.torture import TORTURE, tries

DAMAGES: Final = tries(300, 10_000)
SEED: Final = 1


@pytest.mark.torture
async def test_no_damage_to_any_file_changes_an_answer_of_the_log_unnoticed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    random, found = Random(SEED), Found()
    with TemporaryDirectory(prefix="dateline-damage-", dir=in_memory()) as scratch:
        whole = await directories(Path(scratch) / "whole")

        for _ in range(DAMAGES):
            await damaged(random.choice(whole), Path(scratch) / "damaged", random, found)

    if TORTURE:
        with capsys.disabled():
            print(
                "\ndamages:", *(f"{count:6} {' '.join(kind)}" for kind, count in sorted(found.counts.items())), sep="\n"
            )
    assert found.unnoticed == []
    assert {file for file, _, _ in found.counts} == {f"hot {name}" for name in HOT} | {f"cold {name}" for name in COLD}
    met = {how for _, _, how in found.counts}
    assert {"refused", "named", "harmless"} <= met <= {"refused", "named", "harmless", "another value"}
    assert all(file.split()[1].startswith("state.db") for file, _, how in found.counts if how == "another value")
