"""A row of the table: what was asked, what was measured, and how the one stands to the other."""

from typing import NamedTuple


class Row(NamedTuple):
    """`share` is what was measured as a share of what is asked, 1 or more where it is met; None asks for nothing."""

    what: str
    asked: str
    measured: str
    share: float | None

    @property
    def met(self) -> bool:
        """Say whether it is at least what is asked."""
        return self.share is None or self.share >= 1


def at_least(what: str, least: float, found: float, *, asked: str, measured: str) -> Row:
    """Return the row of a figure that is to be large."""
    return Row(what, f">= {asked}", measured, found / least)


def at_most(what: str, most: float, found: float, *, asked: str, measured: str) -> Row:
    """Return the row of a figure that is to be small."""
    return Row(what, f"<= {asked}", measured, most / found if found > 0 else most)
