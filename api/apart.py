"""Has a module read something in a process of its own, which is ended when it takes too much time or memory.

Whatever stands in a page or a feed, and however a parser takes it: it costs the service no more than that, neither
its processor nor its life. The process runs behind everybody else, and gets nothing of the service's settings.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final, Literal, TypeAlias

from api.settings import PREFIX

WALL_S: Final = 20.0
"""The limit is the processor's time, which each sets itself; this one is for a machine that has none to give."""
LOCATION: Final = str(Path(__file__).parents[1])

Module: TypeAlias = Literal["page_reader", "feed_reader"]


class Unfinished(Exception):
    """It was ended, or failed. The message says so to people."""


def apart(module: Module, request: bytes) -> bytes:
    """Return what `main` of a module of this folder writes when it reads the request. Raises `Unfinished`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", f"from api.{module} import main; main()"],
            input=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_S,
            env={**environment, "PYTHONPATH": LOCATION, "PYTHONHASHSEED": "0"},  # The same page, the same answer.
            start_new_session=True,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise Unfinished(f"it was not read within {WALL_S:.0f} s") from None
    except subprocess.CalledProcessError as error:
        late = error.returncode < 0
        raise Unfinished("it takes too long to read" if late else "it cannot be read") from None
    return done.stdout
