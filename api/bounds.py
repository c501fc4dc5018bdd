"""The bounds that a process sets itself before it reads what strangers wrote."""

import os
import resource
from contextlib import suppress
from typing import Final

MEMORY_BYTES_MAX: Final = 1024 * 1024 * 1024
NICER: Final = 10


def bind(cpu_s: int) -> None:
    """Bound this process for good: `cpu_s` of a processor's time, `MEMORY_BYTES_MAX`, no file of what it held."""
    os.nice(NICER)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # Some systems know no such limit.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
