"""The bounds that a process sets itself before it reads what strangers wrote."""

import os
import resource
from contextlib import suppress
from pathlib import Path
from typing import Final

MEMORY_BYTES_MAX: Final = 256 * 1024 * 1024
NICER: Final = 10
FIRST_TO_GO: Final = "1000"
"""How Linux is told to end this process before any other, should memory run out."""


def bind(cpu_s: int) -> None:
    """Bound this process for good: `cpu_s` of a processor's time, `MEMORY_BYTES_MAX`, no file of what it held."""
    with suppress(OSError):  # systemd's unit may forbid it.
        os.nice(NICER)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # Some systems know no such limit.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
