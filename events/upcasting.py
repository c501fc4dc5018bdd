"""Versions of a fact's stored data: what an earlier one says is said as the present one says it. Pure.

An entry holds its type and the version `v` of its data for ever. The first version of every type is 1; the present one
is one more than there are steps here. What is added to a fact with a default needs no version, because reading passes
over what it does not know; a version is for data that the struct of today would read wrongly, or not at all.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

Data: TypeAlias = dict[str, Any]
"""A fact's stored data, as plain JSON values without its type."""

UPCASTERS: Final[dict[tuple[str, int], Callable[[Data], Data]]] = {}
"""By type and version: what makes of that version's data the next one's. A step that was released never changes."""


def newest(type_name: str) -> int:
    """Return the version in which facts of a type are recorded now."""
    return 1 + sum(stepped == type_name for stepped, _ in UPCASTERS)


def upcast(type_name: str, data: Data, *, v: int, to: int) -> Data:
    """Return data of version `v` as version `to` says it."""
    for version in range(v, to):
        data = UPCASTERS[type_name, version](data)
    return data
