"""Opens a log, appends one commit under a known key, and kills itself at a step of that append."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from events.log.sqlite import open_sqlite
from tests.contract.given import commit, made
from tests.contract.steps import Step, SteppedDisk

REQUEST = commit(made("a:1"), made("a:2"), key="k")
ANSWERED = "answered"
STEPS = {
    "before the rows": Step("log.db", "BEGIN", read_only=False, done=True),
    "before the commit": Step("log.db", "COMMIT", read_only=False, done=False),
    "after the commit": Step("log.db", "COMMIT", read_only=False, done=True),
    "before the mark": Step("mark", "WRITE", read_only=False, done=False),
    "after the mark": Step("mark", "WRITE", read_only=False, done=True),
}


async def main(directory: Path, at: str) -> None:
    armed = False

    def on_step(step: Step) -> None:
        if armed and step == STEPS.get(at):
            os.kill(os.getpid(), signal.SIGKILL)

    engine = await open_sqlite(directory, files=SteppedDisk(on_step))
    await engine.log.append(commit(made("b:1")))
    armed = True
    await engine.log.append(REQUEST)
    print(ANSWERED, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
