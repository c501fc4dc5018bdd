"""Where the files lie that are served and loaded but are no code: in the checkout, or inside the installed package."""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent


def asset(name: str) -> Path:
    """Return the folder called `name`: `widget` or `seeds`."""
    packed = _PACKAGE / "assets" / name  # A wheel puts them there.
    return packed if packed.is_dir() else _PACKAGE.parent / name
