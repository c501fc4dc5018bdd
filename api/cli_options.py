"""What commands have in common: the options that say where the service is, and how a refusal is told."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from events.errors import DatelineError

F = TypeVar("F", bound=Callable[..., Any])

DATA: Final = Path("data")
DISK: Final = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
"""What SQLite says of a disk that is full, broken, or not for writing."""


def shown(_: click.Context, __: click.Parameter, token: str | None) -> str | None:
    """Return a token to show, for the option that takes one."""
    if token is not None and not re.fullmatch(r"[!-~]{1,200}", token):
        raise click.BadParameter("a token has 1 to 200 visible ASCII characters, and nothing else")
    return token


def addressed(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    """Return the address of a service, for an option that takes one."""
    from api.cli_service import AddressInvalid, require_address

    try:
        return None if url is None else require_address(url)
    except AddressInvalid as error:
        raise click.BadParameter(str(error)) from None


def reaching(command: F) -> F:
    """Add the options that say where the service is."""
    for option in (
        token_option,
        click.option(
            "--server",
            metavar="URL",
            callback=addressed,
            help="The service's address, when it is not the one that serves DIR.",
        ),
        data_option,
    ):
        command = option(command)
    return command


data_option: Final = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=DATA,
    envvar="DATELINE_DATA",
    show_default=True,
    help="The data directory.",
)

token_option: Final = click.option(
    "--token", envvar="DATELINE_TOKEN", callback=shown, help="The token to show it; or set DATELINE_TOKEN."
)
existing_file: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal, of the service or of the disk, into its message and the exit code 1."""
    try:
        yield
    except DatelineError as error:
        from api.cli_service import legible

        raise click.ClickException(legible(str(error))) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Whoever read has seen enough.
    except OSError as error:  # A directory that cannot be made or read, a disk that is full.
        reason = error.strerror or str(error)
        named = error.filename is not None
        raise click.ClickException(f"{error.filename} cannot be used: {reason}" if named else reason) from None
    except Exception as error:
        if not getattr(error, "sqlite_errorname", "").startswith(DISK):
            raise
        raise click.ClickException(f"a database cannot be read or written: {error}; look at the disk") from None
