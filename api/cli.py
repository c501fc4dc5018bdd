"""The command line: `dateline`. What a command needs is imported when it runs, so that each starts at once.

It ends with 0 when done, 1 when refused, 2 when it was asked wrongly.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import click

from api.cli_options import DATA, addressed, data_option, existing_file, reaching, refusals, token_option

SCOPES: Final = ("read", "read:text", "propose", "write", "publish", "admin")


def _named(_: click.Context, __: click.Parameter, person: str) -> str:
    from api.principals import PersonInvalid, require_person

    try:
        return require_person(person)
    except PersonInvalid as error:
        raise click.BadParameter(str(error)) from None


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dateline")
def main() -> None:
    """Record what was announced, for when, by whom, and what came of it."""


@main.command()
@click.option("--host", help="The address to listen at.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0 is any free one.  [default: 8470]")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data directory, made when it is not there.  [default: data]",
)
@click.option(
    "--settings",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="DATELINE_SETTINGS",
    help="A TOML file of settings; flags and environment go before it.",
)
@click.option("--seed", "seeds", is_flag=True, help="Load the seed timelines, which adds nothing the second time.")
@click.option("--scratch", is_flag=True, help="Keep the data in a directory that is removed at the end.")
@click.option(
    "--accept-shorter",
    is_flag=True,
    help="Go on with a log that lost entries which were acknowledged; it will tell that it did.",
)
def serve(
    host: str | None,
    port: int | None,
    data: Path | None,
    file: Path | None,
    *,
    seeds: bool,
    scratch: bool,
    accept_shorter: bool,
) -> None:
    """Serve the record over HTTP until it is stopped."""
    if scratch and data is not None:
        raise click.UsageError("--scratch and --data exclude each other")
    with refusals():
        from api.cli_serve import serve as run

        run(host=host, port=port, data=data, file=file, seeds=seeds, scratch=scratch, accept_shorter=accept_shorter)


@main.command()
@click.argument("slug")
@click.option("--as-of", metavar="WHEN", help="As it was recorded up to an entry's number or an RFC 3339 time.")
@click.option("--said-by", metavar="WHEN", help="As it had been said by a day or an RFC 3339 time.")
@reaching
def timeline(
    slug: str, as_of: str | None, said_by: str | None, data: Path, server: str | None, token: str | None
) -> None:
    """Show the timeline SLUG."""
    with refusals():
        from api.cli_timeline import timeline as run

        run(slug, as_of=as_of, said_by=said_by, data=data, server=server, token=token)


@main.command()
@click.option(
    "--from",
    "start",
    metavar="WHERE",
    default="head",
    show_default=True,
    help="start, head, an entry's number (what comes after it) or an RFC 3339 time.",
)
@click.option("--follow/--no-follow", default=True, show_default=True, help="Wait for what is recorded next.")
@reaching
def tail(start: str, *, follow: bool, data: Path, server: str | None, token: str | None) -> None:
    """Print entries as they are recorded; in a pipe, each as one line of JSON."""
    with refusals(), suppress(KeyboardInterrupt):
        from api.cli_tail import tail as run

        run(start, follow=follow, data=data, server=server, token=token)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")
@reaching
def append(file: str, data: Path, server: str | None, token: str | None) -> None:
    """Carry out the commands in FILE, one JSON object a line (- is standard input).

    A line has the fields of POST /v1/batch's commands, and may have a `key` by which it is carried out once and for
    ever; without one its content is the key.
    """
    with refusals():
        from api.cli_append import append as run

        run(file, data=data, server=server, token=token)


@main.command()
@click.argument("where", metavar="FILE|URL|-")
@click.option(
    "--published", metavar="WHEN", help="The day, or RFC 3339 time, of its publication; else what a page says."
)
@click.option("--timezone", metavar="ZONE", help="Its zone, like America/New_York.  [default: UTC]")
@click.option("--language", metavar="LANG", help="en, or that of a country, like en-GB; else what a page says, or en.")
@click.option("--title", help="Its title; else what a page says, or its first line.")
@click.option("--publisher", help="Who published it; else what a page says.")
@click.option("--url", help="Its address, where it does not come from there.")
@click.option("--accept", metavar="WHICH", help="Record these without asking: all that are shown, or 1,3,5-7.")
@click.option("--reject", metavar="WHICH", help="Turn these down, so that they are not offered again.")
@click.option("--all", "everything", is_flag=True, help="Show what may be only background, too.")
@click.option("--profile", type=click.Choice(["dates", "timeml"]), default="dates", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what was read as JSON.")
@click.option(
    "--names", type=existing_file, envvar="DATELINE_NAMES_FILE", help="A file of names, over those that come along."
)
@token_option
@click.option("--server", metavar="URL", callback=addressed, help="The service's address.")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="DATELINE_DATA",
    help="The data directory, data where something is accepted or rejected. Without it or --server, and without these,"
    " an article is only shown.",
)
def ingest(
    where: str, published: str | None, timezone: str | None, language: str | None, title: str | None,
    publisher: str | None, url: str | None, accept: str | None, reject: str | None, profile: Literal["dates", "timeml"],
    names: Path | None, token: str | None, server: str | None, data: Path | None,
    *, everything: bool, as_json: bool,
) -> None:  # fmt: skip
    """Read an article, and show what it announces and what that would change of the record.

    In a terminal it asks for each what to do; --accept and --reject do it without asking. The article, its actors and
    what was accepted are recorded in one commit, or nothing is. The same again records nothing twice.
    """
    if data is None and server is None and (accept is not None or reject is not None):
        data = DATA
    with refusals():
        from api.cli_document import Given
        from api.cli_ingest import Wanted
        from api.cli_ingest import ingest as run

        given = Given(
            published=published, timezone=timezone, language=language, title=title, publisher=publisher, url=url
        )
        wanted = Wanted(accept=accept, reject=reject, everything=everything, profile=profile, as_json=as_json)
        run(where, given, wanted, names=names, data=data, server=server, token=token)


@main.command()
@reaching
def rebuild(data: Path, server: str | None, token: str | None) -> None:
    """Write the views anew from the log; a server goes on answering all the while."""
    with refusals():
        from api.cli_keep import rebuild as run

        run(data=data, server=server, token=token)


@main.command()
@click.argument("positions", metavar="[ENTRY]...", nargs=-1, type=click.IntRange(min=1))
@click.option(
    "--source", "sources", metavar="ID", multiple=True, help="Erase the text of this source; can be repeated."
)
@click.option("--reason", required=True, help="Why. It is public, and must not say what is erased.")
@click.option("--dry-run", is_flag=True, help="Say what would be erased and what quotes it, and erase nothing.")
@reaching
def erase(
    positions: tuple[int, ...],
    sources: tuple[str, ...],
    reason: str,
    *,
    dry_run: bool,
    data: Path,
    server: str | None,
    token: str | None,
) -> None:
    """Erase what the entries with these numbers say, and the texts of sources, from every file, for good.

    The entries stay, with their types, times and tags, and so does every proof of them.
    """
    if not positions and not sources:
        raise click.UsageError("say which: numbers of entries, or --source")
    with refusals():
        from api.cli_keep import erase as run

        run(positions, sources, reason=reason, dry_run=dry_run, data=data, server=server, token=token)


@main.group()
def token() -> None:
    """Issue, list and revoke tokens. A server that runs wants one with the scope admin for it."""


@token.command("create")
@click.argument("person", callback=_named)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    default=("read", "write", "publish"),
    show_default=True,
    help="What it may do; can be repeated.",
)
@click.option("--expires", metavar="WHEN", help="A day (to its end, UTC) or an RFC 3339 time.  [default: never]")
@reaching
def create_token(
    person: str, scopes: tuple[str, ...], expires: str | None, data: Path, server: str | None, token: str | None
) -> None:
    """Issue a token for PERSON and print it, this once. The same name is the same person."""
    with refusals():
        from api.cli_keep import create_token as run

        run(person, scopes=scopes, expires=expires, data=data, server=server, token=token)


@token.command("list")
@reaching
def list_tokens(data: Path, server: str | None, token: str | None) -> None:
    """Print all tokens, those that ended too."""
    with refusals():
        from api.cli_keep import list_tokens as run

        run(data=data, server=server, token=token)


@token.command("revoke")
@click.argument("id")
@reaching
def revoke_token(id: str, data: Path, server: str | None, token: str | None) -> None:
    """End the token ID (the part after dl_) at once."""
    with refusals():
        from api.cli_keep import revoke_token as run

        run(id, data=data, server=server, token=token)


@token.command("erase")
@click.argument("principal")
@reaching
def erase_person(principal: str, data: Path, server: str | None, token: str | None) -> None:
    """Erase the name behind PRINCIPAL and end its tokens; the record keeps the principal's id."""
    with refusals():
        from api.cli_keep import erase_person as run

        run(principal, data=data, server=server, token=token)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--texts", is_flag=True, help="Also the sources' texts, for which the token must have read:text.")
@reaching
def export(file: str, *, texts: bool, data: Path, server: str | None, token: str | None) -> None:
    """Write the whole record to FILE, one entry a line of JSON (- is standard output)."""
    with refusals():
        from api.cli_exchange import export as run

        run(file, texts=texts, data=data, server=server, token=token)


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@data_option
def import_(file: str, data: Path) -> None:
    """Record what an export in FILE holds, in a directory that is empty or begins as the file does.

    Entries keep their numbers and the times at which they were recorded. Again, or after it was cut off, it goes on
    where it stopped. No server may run meanwhile.
    """
    with refusals():
        from api.cli_exchange import import_ as run

        run(file, data=data)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    metavar="N",
    type=click.IntRange(1, 1000),
    help="Remove this log's older backups in the directory FILE, all but the newest N.",
)
@click.option("--nice", is_flag=True, hidden=True)
@data_option
def backup(file: Path, keep: int | None, data: Path, *, nice: bool) -> None:
    """Make FILE from all that cannot be made anew, and verify it; a server may run meanwhile.

    Where FILE is a directory, the backup gets a name in it with the time and its number of entries. It holds the key
    that signs for the log, sources' texts and people's names: keep it where only you can read it.
    """
    if keep is not None and not file.is_dir():
        raise click.UsageError("--keep needs a directory to make the backup in")
    with refusals():
        from api.cli_backup import backup as run

        run(file, data=data, keep=keep, nice=nice)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only verify FILE and say what it holds.")
@click.option(
    "--accept-shorter", is_flag=True, help="Lose what was recorded after the backup; the log will tell that it did."
)
@click.option(
    "--erasures",
    metavar="LEDGER",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the file `erasures` kept elsewhere: what it names stays erased.",
)
@data_option
def restore(file: Path, erasures: Path | None, data: Path, *, check: bool, accept_shorter: bool) -> None:
    """Put the backup FILE into a directory, verified before anything is changed.

    What is there is moved aside. No server may run on it meanwhile.
    """
    if check and (accept_shorter or erasures):
        raise click.UsageError("--check only reads FILE")
    with refusals():
        from api.cli_backup import check_backup, restore_backup

        if check:
            check_backup(file)
        else:
            restore_backup(file, data=data, accept_shorter=accept_shorter, erasures=erasures)


@main.command()
@click.argument("what", metavar="[FILE | URL]", required=False)
@click.option("--vkey", "vkeys", metavar="KEY", multiple=True, help="A key that you trust, or a file of such keys.")
@click.option("--note", metavar="FILE", type=existing_file, help="A note that you kept, to hold the log against.")
@click.option("--entry", metavar="FILE", type=existing_file, help="The entry that a C2SP tlog-proof is of.")
@click.option("--whole", is_flag=True, help="Also fetch and hash every entry of the log at URL.")
@token_option
@data_option
def verify(
    what: str | None, vkeys: tuple[str, ...], note: Path | None, entry: Path | None, token: str | None, data: Path,
    *, whole: bool,
) -> None:  # fmt: skip
    """Check the record: all of DIR's, one entry's proof in FILE, or a log at URL against a note that you kept.

    FILE is the answer of /v1/events/{position}/proof, or a C2SP tlog-proof; nobody is asked for anything else. What is
    not as it was recorded is told with its place, and the exit code is 1.
    """
    with refusals():
        from api import cli_verify as run

        trust = run.trust_of(vkeys, note)
        if what is None:
            run.verify_directory(data, trust)
        elif what.startswith(("http://", "https://")):
            run.verify_remote(what, trust, token=token, whole=whole)
        else:
            run.verify_bundle(Path(what), entry, trust)


@main.command()
@click.argument("url", callback=addressed)
@click.option(
    "--notes",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Where the notes are kept; made when it is not there.",
)
@click.option("--vkey", "vkeys", metavar="KEY", multiple=True, help="The key that you trust, or a file with it.")
@click.option("--adopt", is_flag=True, help="Also copy the entries into DIR of --data: a standby, an off-site copy.")
@click.option("--once", is_flag=True, help="Look once, and end: for cron.")
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 86_400),
    default=5.0,
    show_default=True,
    help="How often to look.",
)
@token_option
@data_option
def follow(
    url: str, notes: Path, vkeys: tuple[str, ...], every: float, token: str | None, data: Path,
    *, adopt: bool, once: bool,
) -> None:  # fmt: skip
    """Be a witness of the log at URL: keep each note it signs, if it goes on from the last one.

    When it does not, both notes are kept and printed, and the exit code is 1. Without a key given, the one that the log
    tells of itself is trusted the first time, and kept.
    """
    with refusals(), suppress(KeyboardInterrupt):
        from api.cli_follow import follow as run

        copy = data if adopt else None
        run(url, notes=notes, vkeys=vkeys, copy=copy, once=once, every_s=every, token=token)


@main.group()
def key() -> None:
    """Show or change the key that signs the notes of the log."""


@key.command("show")
@reaching
def show_key(data: Path, server: str | None, token: str | None) -> None:
    """Print the key with which others verify what the log signs."""
    with refusals():
        from api.cli_key import show as run

        run(data=data, server=server, token=token)


@key.command("rotate")
@click.option("--compromised", is_flag=True, help="The old key may be in wrong hands: it does not sign along.")
@click.option("--lost", is_flag=True, help="The file with the key is gone, and so is every backup of it.")
@reaching
def rotate_key(data: Path, server: str | None, token: str | None, *, compromised: bool, lost: bool) -> None:
    """Have a new key sign the notes from now on; an entry of the log says so."""
    if lost and (compromised or server is not None):
        raise click.UsageError("--lost is for a directory that nobody serves; it goes with --data alone")
    with refusals():
        from api import cli_key as run

        if lost:
            run.replace_lost(data=data)
        else:
            run.rotate(compromised=compromised, data=data, server=server, token=token)
