"""How hard a test tries: `make test` asks for little, `make torture` (DATELINE_TORTURE=1) for much."""

import os

TORTURE = os.environ.get("DATELINE_TORTURE") == "1"


def tries(short: int, long: int) -> int:
    """Return how often something is tried."""
    return long if TORTURE else short
