"""A later program than this one: one more type of facts, and a second version of another.

`LATER` is its command line; `learn(monkeypatch.setitem)` makes it of the present process for the length of a test.
"""

import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import msgspec

from events import facts as f
from events import upcasting
from events.upcasting import Data

RESCHEDULED: Final = "announcement.rescheduled"
CALLED_OFF: Final = "announcement.called_off"
WHY: Final = "For a reason that was not asked for then."
LATER: Final = [sys.executable, "-c", "from tests.later import learn; learn(); from api.cli import main; main()"]


class CalledOff(f.Cancelled, frozen=True, kw_only=True, omit_defaults=True, tag=CALLED_OFF):
    """It will not take place, in other words."""


def with_reason(data: Data) -> Data:
    """Say what a version of rescheduling says that never is without a reason."""
    return {"reason": WHY, **data}


def _set(known: MutableMapping[Any, Any], name: Any, value: Any) -> None:
    known[name] = value


def learn(setitem: Callable[[Any, Any, Any], None] = _set) -> None:
    """Know more."""
    setitem(f.TYPES, CALLED_OFF, CalledOff)
    setitem(f.VERSIONS, CALLED_OFF, 1)
    setitem(f._DECODERS, CALLED_OFF, msgspec.json.Decoder(CalledOff))
    setitem(upcasting.UPCASTERS, (RESCHEDULED, 1), with_reason)
    setitem(f.VERSIONS, RESCHEDULED, upcasting.newest(RESCHEDULED))
