"""A disk in memory that holds a whole data directory, and writes down every call that changes it.

A run happens once, to its end, on a `LiveDisk`, which keeps the trace of its calls. A power cut is then made from the
trace: `platters.Platters` replays it up to any call and says what may lie on the disk at that moment. As nothing that
a process does after a cut can change what the cut left, this is the same as cutting the run itself there, and one run
gives thousands of cuts.

Files have names and contents apart, as on POSIX: `sync` of a file makes its content and its size durable, `sync` of a
directory makes durable which names it holds and what they stand for. A name is a path below the disk's root.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from threading import RLock
from typing import Final

ROOT: Final = "."


@dataclass(frozen=True, slots=True)
class Call:
    """A call that changes the disk, or makes a change durable.

    `file` is the name it was made by. A call about a name says in `node` what the name stands for; `target` is the new
    name of a `rename`. `size` is the one that a `truncate` leaves.
    """

    file: str
    call: str
    node: int
    at: int = 0
    content: bytes = b""
    size: int = 0
    target: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """What lies on a disk while no power is on: names of directories, and files with their contents."""

    directories: frozenset[str] = frozenset({ROOT})
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Node:
    """A file without its name."""

    number: int
    content: bytearray


Before = Callable[[str, str], None]
"""Told the file and the call before it is made; what it raises, the caller gets, and the call is not made."""


def parent_of(name: str) -> str:
    """Return the name of the directory that holds a name."""
    return str(PurePosixPath(name).parent)


class LiveDisk:
    """The disk as the processes on it see it: what was written is read back, durable or not."""

    def __init__(self, image: Image = Image(), *, before: Before | None = None) -> None:
        self.image = image
        self.trace: list[Call] = []
        self.held: set[str] = set()
        self._before = before
        self._directories = set(image.directories)
        self._nodes = {
            name: Node(number, bytearray(content)) for number, (name, content) in enumerate(sorted(image.files.items()))
        }
        self._numbers = len(self._nodes)
        self._mutex = RLock()

    def exists(self, name: str) -> bool:
        return name in self._nodes or name in self._directories

    def node(self, name: str) -> Node:
        try:
            return self._nodes[name]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from None

    def created(self, name: str) -> Node:
        """Return the file with this name, made empty where there is none."""
        with self._mutex:
            if name not in self._nodes:
                if parent_of(name) not in self._directories:
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
                self._ask(name, "create")
                self._nodes[name] = Node(self._numbers, bytearray())
                self._numbers += 1
                self.trace.append(Call(name, "create", self._nodes[name].number))
            return self._nodes[name]

    def make_directory(self, name: str) -> None:
        with self._mutex:
            self._ask(name, "mkdir")
            self._directories.add(name)
            self.trace.append(Call(name, "mkdir", -1))

    def read(self, name: str, node: Node, size: int = -1, at: int = 0) -> bytes:
        with self._mutex:
            self._ask(name, "read")
            return bytes(node.content[at:] if size < 0 else node.content[at : at + size])

    def write(self, name: str, node: Node, content: bytes, at: int) -> None:
        with self._mutex:
            try:
                self._ask(name, "write")
            except OSError:
                self._write(name, node, content[: len(content) // 2], at)
                raise
            self._write(name, node, content, at)

    def truncate(self, name: str, node: Node, size: int) -> None:
        with self._mutex:
            self._ask(name, "truncate")
            resize(node.content, size)
            self.trace.append(Call(name, "truncate", node.number, size=size))

    def sync(self, name: str, node: Node) -> None:
        with self._mutex:
            try:
                self._ask(name, "sync")
            except OSError:
                self.trace.append(Call(name, "failed sync", node.number))
                raise
            self.trace.append(Call(name, "sync", node.number))

    def sync_directory(self, name: str) -> None:
        with self._mutex:
            self._ask(name, "sync")
            self.trace.append(Call(name, "sync", -1))

    def names(self, directory: str) -> list[str]:
        """Return the names that a directory holds, none where there is no directory."""
        there = [*self._nodes, *self._directories]
        return [name.rpartition("/")[2] for name in there if parent_of(name) == directory and name != directory]

    def delete(self, name: str) -> None:
        """Remove a file, or an empty directory."""
        with self._mutex:
            self._ask(name, "delete")
            if name in self._directories:
                self._directories.remove(name)
                self.trace.append(Call(name, "delete", -1))
            else:
                node = self.node(name)
                del self._nodes[name]
                self.trace.append(Call(name, "delete", node.number))

    def rename(self, name: str, target: str) -> None:
        with self._mutex:
            node = self.node(name)
            self._ask(name, "rename")
            del self._nodes[name]
            self._nodes[target] = node
            self.trace.append(Call(name, "rename", node.number, target=target))

    def now(self) -> int:
        """Return how many calls were made."""
        return len(self.trace)

    def switched_off(self) -> Image:
        """Return what lies on the disk once everything is written out."""
        files = {name: bytes(node.content) for name, node in self._nodes.items()}
        return Image(directories=frozenset(self._directories), files=files)

    def _write(self, name: str, node: Node, content: bytes, at: int) -> None:
        put(node.content, content, at)
        self.trace.append(Call(name, "write", node.number, at, content))

    def _ask(self, name: str, call: str) -> None:
        if self._before is not None:
            self._before(name, call)


def put(content: bytearray, written: bytes, at: int) -> None:
    """Write into a content, which grows as it must."""
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(written)] = written


def resize(content: bytearray, size: int) -> None:
    """Cut a content off, or fill it up with zeros."""
    if len(content) > size:
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def in_memory() -> str | None:
    """Return a directory of the real disk that is in memory, where there is one: what is in it costs no sync."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None
