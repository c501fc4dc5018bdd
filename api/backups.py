"""A backup each night, made by the command that an operator would use, in a process of its own.

So that whatever it takes, a processor's time or memory, it takes from no request; and what fails there fails nothing
here. It is logged and counted: an alarm on `dateline_backup_age_seconds` is what tells that there is none.
"""

import asyncio
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Final

from api.metrics import Values
from api.settings import PREFIX
from events.instants import Instant, from_microseconds, instant, moment, to_microseconds
from events.log.port import Log
from events.log.shelf import Kept, backups
from events.schedule import Clocks

HOUR_UTC: Final = 3
LOOK_S: Final = 60
AGAIN_S: Final = 3600
"""How long after one that failed the next is tried."""
BACKUP_S_MAX: Final = 6 * 3600
COMMAND: Final = ("-P", "-c", "from api.cli import main; main()", "backup", "--nice")

_LOGGER: Final = logging.getLogger(__name__)


def last_night(now: Instant) -> Instant:
    """Return the last instant at which a backup was to be made.

    >>> last_night("2026-07-28T02:59:59.000000Z")
    '2026-07-27T03:00:00.000000Z'
    """
    at = moment(now)
    night = datetime(at.year, at.month, at.day, HOUR_UTC, tzinfo=UTC)
    return instant(night if night <= at else night - timedelta(days=1))


class Backups:
    """Sees to it that a directory holds a backup of every night, and the newest `keep` of them."""

    def __init__(self, directory: Path, *, keep: int, data: Path, log: Log, clocks: Clocks) -> None:
        self._directory = directory
        self._keep = keep
        self._data = data
        self._log = log
        self._clocks = clocks
        self._newest: Kept | None = None
        self._failed = False
        self._not_before_us = 0
        self._process: asyncio.subprocess.Process | None = None
        self._stopped = False
        self._looking = asyncio.Lock()

    @property
    def under_way(self) -> bool:
        """Whether a backup is being made."""
        return self._process is not None

    async def look(self) -> None:
        """Make a backup if there is none since last night; one that was missed is made up for."""
        async with self._looking:
            if not self._stopped:
                await self._look()

    async def stop(self) -> None:
        """Give up a backup that is under way; what it left is removed by the next."""
        self._stopped = True
        await self._end()
        async with self._looking:  # Nothing of it is under way any more when the log is closed.
            pass

    def values(self) -> Values:
        """Return what metrics tell of it."""
        newest = self._newest
        if newest is None:
            return {"dateline_backup_failed": self._failed, "dateline_backup_age_seconds": inf}
        age_us = max(0, self._clocks.wall() - to_microseconds(newest.made_at))
        return {
            "dateline_backup_failed": self._failed,
            "dateline_backup_age_seconds": age_us / 1_000_000,
            "dateline_backup_position": newest.position,
            "dateline_backup_bytes": newest.bytes,
        }

    async def _look(self) -> None:
        now = from_microseconds(self._clocks.wall())
        try:
            await self._find()
            due = self._newest is None or self._newest.made_at < last_night(now)
            if due and self._clocks.monotonic() >= self._not_before_us:
                self._failed = not await self._make()
                if not self._stopped:
                    await self._find()
        except OSError as error:
            _LOGGER.error("no backup was made: %s: %s", self._directory, error.strerror)
            self._failed = True
        if self._failed and self._clocks.monotonic() >= self._not_before_us:
            self._not_before_us = self._clocks.monotonic() + AGAIN_S * 1_000_000

    async def _end(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _find(self) -> None:
        log_id = (await self._log.head()).log_id

        def newest() -> Kept | None:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            return next(iter(backups(self._directory, log_id)), None)

        self._newest = await asyncio.to_thread(newest)

    async def _make(self) -> bool:
        """Make one; say whether it was made."""
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, *COMMAND, "--keep", str(self._keep), "--data", self._data, self._directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
            start_new_session=True,
        )  # fmt: skip
        try:
            if self._stopped:
                await self._end()
            async with asyncio.timeout(BACKUP_S_MAX):
                said, _ = await process.communicate()
        except TimeoutError:
            said = b"it took too long"
        finally:
            await self._end()
            self._process = None
        lines = said.decode(errors="replace").splitlines() or ["it said nothing"]
        if self._stopped:
            return False
        if process.returncode != 0:
            _LOGGER.error("the backup failed: %s", lines[-1].removeprefix("Error: "))
            return False
        for line in lines:
            _LOGGER.info("backup: %s", line)
        return True
