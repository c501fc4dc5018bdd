"""Connections that the application can cut off: closing one waits until what was sent is taken, perhaps for ever."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION: Final = "dateline.cut_off"


class Connection(HttpToolsProtocol):
    """A connection whose requests know how to cut it off. For `uvicorn.Config(http=…)`."""

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        extensions = {EXTENSION: {"call": self.transport.abort}}
        self.scope["extensions"] = cast("dict[str, dict[object, object]]", extensions)


def cut_off(scope: Mapping[str, Any]) -> None:
    """Close a request's connection at once, and throw away what waits to be taken; where the server can."""
    found: dict[str, Callable[[], None]] = (scope.get("extensions") or {}).get(EXTENSION, {})
    if found:
        found["call"]()
