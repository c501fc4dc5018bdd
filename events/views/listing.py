"""A page of a list."""

from typing import Final, Generic, TypeVar

from msgspec import Struct

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 1000

T = TypeVar("T")


class Listing(Struct, Generic[T], frozen=True, kw_only=True):
    """A page of a list: `next` is the cursor of the next one, `total` counts all pages, `position` is the log's."""

    items: tuple[T, ...]
    next: str | None
    total: int
    position: int
