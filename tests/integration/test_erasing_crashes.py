"""No crash leaves an erasure half done, and no backup from before brings anything back."""

import inspect
import shutil
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.erasing import Eraser, Request, What
from events.handler import TEXT
from events.log.build import sqlite3
from events.log.sqlite import SqliteEngine, open_sqlite
from tests.contract.given import commit, made
from tests.integration.backups import erasing, opened
from tests.integration.desk import BULLETIN, BULLETIN_TEXT, NOW, Desk
from tests.integration.erasures import TEXT_OF_MOFA, entry, erase


class Killed(BaseException):
    """The process ended here."""


class Steps:
    """Counts the calls of everything that an eraser works with, and ends before or after the one at `fatal`."""

    def __init__(self, fatal: int, *, after: bool) -> None:
        self.fatal = fatal
        self.after = after
        self.calls = 0

    def through(self, inner: Any, only: str = "") -> Any:
        """Return what counts the calls of something: all, or those of one method."""
        return _Through(self, inner, only)

    def step(self, *, after: bool) -> None:
        self.calls += not after
        if self.calls == self.fatal and after is self.after:
            raise Killed


class _Through:
    def __init__(self, steps: Steps, inner: Any, only: str) -> None:
        self._steps = steps
        self._inner = inner
        self._only = only

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if self._only not in ("", name):
            return found
        if inspect.iscoroutinefunction(found):

            async def called(*arguments: Any, **named: Any) -> Any:
                self._steps.step(after=False)
                result = await found(*arguments, **named)
                self._steps.step(after=True)
                return result

            return called
        if callable(found):

            def called_here(*arguments: Any, **named: Any) -> Any:
                self._steps.step(after=False)
                result = found(*arguments, **named)
                self._steps.step(after=True)
                return result

            return called_here
        return found


async def is_gone(engine: SqliteEngine, directory: Path) -> bool:
    """Say whether nothing of the text is left, and the entry says nothing; raises where it is gone in part."""
    data = [event.data for event in await Desk(engine.log, engine.state).events()]
    texts = await engine.state.list(TEXT)
    words = BULLETIN_TEXT.encode() in b"".join(path.read_bytes() for path in directory.iterdir())  # noqa: ASYNC240
    told = bool(engine.ledger.texts)
    assert len({data[0] is None, not texts, not words, told}) == 1
    return not texts


async def killed_at(directory: Path, fatal: int, *, after: bool) -> bool:
    """Erase in a directory, ended at a step; say whether it came to that."""
    engine = await open_sqlite(directory)
    steps = Steps(fatal, after=after)
    eraser = Eraser(
        steps.through(engine.log), steps.through(engine.state), steps.through(engine.ledger), lambda: NOW
    )  # fmt: skip
    try:
        await eraser.erase(Request(what=entry(1), key="mine", fingerprint=b"asked", by="ada"))
    except Killed:
        return True
    else:
        return False
    finally:
        await engine.close()


@pytest.mark.parametrize("after", [False, True])
async def test_an_erasure_that_a_crash_cut_off_is_completed_by_the_next_start_or_by_a_retry(
    tmp_path: Path, *, after: bool
) -> None:
    kept = tmp_path / "kept"
    engine = await open_sqlite(kept)
    await Desk(engine.log, engine.state).ask(BULLETIN)
    await engine.close()
    begun = completed = 0
    for fatal in count(1):
        directory = tmp_path / str(fatal)
        shutil.copytree(kept, directory)
        if not await killed_at(directory, fatal, after=after):
            break
        shutil.copytree(directory, tmp_path / f"{fatal}-retried")

        engine = await open_sqlite(directory)
        await Eraser(engine.log, engine.state, engine.ledger, lambda: NOW).complete()
        gone = await is_gone(engine, directory)
        await engine.close()
        begun += not gone
        completed += gone

        engine = await open_sqlite(tmp_path / f"{fatal}-retried")
        again = await erase(engine, entry(1), key="mine")
        assert await is_gone(engine, tmp_path / f"{fatal}-retried")
        assert (again.positions, again.sources, again.pending) == ((1,), ("mofa",), 0)
        await engine.close()

    assert begun >= 3
    assert completed >= 5


def leave_a_copy(directory: Path) -> None:
    """Leave a second copy of the text in unused room of the state's file, as SQLite does where it splits pages."""
    with closing(sqlite3.connect(directory / "state.db")) as state:
        state.execute("PRAGMA secure_delete = OFF")
        for number in range(4):  # So large that a whole page of the file is unused afterwards.
            row = (str(number), BULLETIN_TEXT.encode() + b" " * 3000)
            state.execute("INSERT INTO state (kind, id, value) VALUES ('other', ?, ?)", row)
        state.commit()
        state.execute("DELETE FROM state WHERE kind = 'other'")
        state.commit()
    assert (directory / "state.db").read_bytes().count(BULLETIN_TEXT.encode()) > 1


@pytest.mark.parametrize("how", ["at once", "after a crash", "by a retry"])
async def test_copies_that_the_state_s_file_keeps_of_a_text_are_gone_too(tmp_path: Path, how: str) -> None:
    directory = tmp_path / "data"
    engine = await open_sqlite(directory)
    await Desk(engine.log, engine.state).ask(BULLETIN)
    await engine.close()
    leave_a_copy(directory)
    engine = await open_sqlite(directory)

    if how == "at once":
        await erase(engine, TEXT_OF_MOFA, key="mine")
    else:
        steps = Steps(1, after=False)
        with pytest.raises(Killed):
            await erase(engine, TEXT_OF_MOFA, key="mine", state=steps.through(engine.state, "purge"))
        assert BULLETIN_TEXT.encode() in (directory / "state.db").read_bytes()
    if how == "after a crash":
        await engine.close()
        engine = await open_sqlite(directory)
        await Eraser(engine.log, engine.state, engine.ledger, lambda: NOW).complete()
    if how == "by a retry":
        await erase(engine, TEXT_OF_MOFA, key="mine")

    assert BULLETIN_TEXT.encode() not in (directory / "state.db").read_bytes()
    await engine.close()


def put_back(directory: Path, backup: Path) -> None:
    for name in ("log.db", "state.db", "mark"):
        shutil.copy(backup / name, directory / name)


@pytest.mark.parametrize("what", [entry(1), TEXT_OF_MOFA])
async def test_a_backup_from_before_that_is_put_back_loses_it_again_at_the_start(tmp_path: Path, what: What) -> None:
    directory = tmp_path / "data"
    engine = await open_sqlite(directory)
    await Desk(engine.log, engine.state).ask(BULLETIN)
    await engine.close()
    shutil.copytree(directory, tmp_path / "backup")
    engine = await open_sqlite(directory)
    await erase(engine, what)
    await engine.close()

    put_back(directory, tmp_path / "backup")
    engine = await open_sqlite(directory)
    assert await engine.state.list(TEXT)
    await Eraser(engine.log, engine.state, engine.ledger, lambda: NOW).complete()

    assert (await engine.log.head()).position == 1
    assert await engine.state.list(TEXT) == ()
    assert BULLETIN_TEXT.encode() not in b"".join(path.read_bytes() for path in directory.iterdir())
    await engine.close()


SAID = made("log:self", type="log.erased", data=b'{"positions":[1],"reason":"asked for"}')
ERASING_ONE = msgspec.structs.replace(erasing(1), events=(SAID,))


async def with_copies(directory: Path) -> bytes:
    """Record data, leave copies of them in unused room of the log's file, and return what stands in them.

    SQLite leaves them so where it brings together what is left of pages, even if it overwrites what it deletes.
    """
    words = b"a private person's name"
    async with opened(directory) as (engine, _):
        await engine.log.append(commit(made("a:1", data=b'{"words":"%s"}' % words)))
    with closing(sqlite3.connect(directory / "log.db", isolation_level=None)) as log:
        log.execute("PRAGMA secure_delete = OFF")
        log.execute("CREATE TABLE other AS SELECT * FROM event_payload")
        log.execute("DROP TABLE other")
    assert (directory / "log.db").read_bytes().count(words) > 1
    return words


def files_hold(directory: Path, words: bytes) -> bool:
    return words in b"".join(path.read_bytes() for path in directory.iterdir())


async def gone_after_start(directory: Path, words: bytes) -> bool:
    engine = await open_sqlite(directory)
    try:
        await Eraser(engine.log, engine.state, engine.ledger, lambda: NOW).complete()
        assert (await engine.log.erasures()).pending == 0
        return not files_hold(directory, words)
    finally:
        await engine.close()


async def test_copies_that_the_log_s_file_keeps_of_data_are_gone_too_when_a_backup_is_put_back(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    words = await with_copies(directory)
    shutil.copytree(directory, tmp_path / "backup")
    async with opened(directory) as (engine, _):
        assert (await engine.log.erase(ERASING_ONE)).pending == 0
    assert words not in (directory / "log.db").read_bytes()

    put_back(directory, tmp_path / "backup")

    assert await gone_after_start(directory, words)


async def test_copies_that_the_log_s_file_keeps_of_data_are_gone_too_after_a_crash(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    words = await with_copies(directory)
    engine = await open_sqlite(directory)
    await engine.log.append(ERASING_ONE)
    await engine.close()  # Before the files were seen to hold nothing of it.
    assert words in (directory / "log.db").read_bytes()

    assert await gone_after_start(directory, words)
