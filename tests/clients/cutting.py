"""A proxy that breaks connections off, as networks do."""

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Cutting:
    """Passes bytes on to a port. Of connection n, the answer is cut off after `answers[n]` bytes; then it heals."""

    def __init__(self, port: int, answers: list[int]) -> None:
        self._to = ("127.0.0.1", port)
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.cut = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Cutting":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                budget = self._answers.pop(0) if self._answers else None
                threading.Thread(target=self._pass, args=(client, budget), daemon=True).start()

    def _pass(self, client: socket.socket, budget: int | None) -> None:
        with suppress(OSError), client, socket.create_connection(self._to) as server:
            threading.Thread(target=_pump, args=(client, server), daemon=True).start()
            while chunk := server.recv(65536):
                if budget is not None and len(chunk) >= budget:
                    client.sendall(chunk[:budget])
                    self.cut += 1
                    client.shutdown(socket.SHUT_RDWR)
                    return
                budget = None if budget is None else budget - len(chunk)
                client.sendall(chunk)
            client.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
