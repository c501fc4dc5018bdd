"""What an operator can set: by flag, else by environment, else by file, else as it is here."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from api.peers import networks
from events.errors import DatelineError

PREFIX: Final = "DATELINE_"

AdminToken: TypeAlias = Annotated[str, Meta(pattern=r"^[!-~]{32,200}\Z")]
BasePath: TypeAlias = Annotated[str, Meta(pattern=r"^(/[A-Za-z0-9._~-]+)*\Z")]
PublicUrl: TypeAlias = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~%-]+)*\Z")]
Port: TypeAlias = Annotated[int, Meta(ge=0, le=65535)]
Rate: TypeAlias = Annotated[float, Meta(ge=0, le=1_000_000)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=1_000_000)]
Keep: TypeAlias = Annotated[int, Meta(ge=1, le=1000)]
Line: TypeAlias = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=1000)]
Ancestors: TypeAlias = Annotated[str, Meta(pattern=r"^[!-+\--:<-~]+( [!-+\--:<-~]+)*\Z", max_length=1000)]
_PLACE: Final = r"(file:///[!-~]*|(post[+])?https?://[A-Za-z0-9.:\[\]-]+([/?][!-~]*)?)"
Places: TypeAlias = Annotated[str, Meta(pattern=rf"^({_PLACE}( +{_PLACE})*)?\Z", max_length=4000)]

MUST: Final = {
    "admin_token": "32 to 200 visible ASCII characters",
    "base_path": "a path without a slash at its end, like /dateline",
    "public_url": "an absolute http or https address in ASCII, without a slash at its end",
    "port": "a number from 0 (any free one) to 65535",
    "public_read": "1 or 0",
    "log": "text or json",
    "log_requests": "some, all or none",
    "trusted_proxies": "addresses and networks like 127.0.0.1 or 10.0.0.0/8, parted by commas",
    "rate_reads": "a number of requests a second, 0 for no limit",
    "rate_writes": "a number of requests a second, 0 for no limit",
    "feeds_max": "a number from 0 to 1000000",
    "feeds_per_address_max": "a number from 0 to 1000000",
    "backup_keep": "a number from 1 to 1000",
    "data_license": "one line of at most 1000 characters",
    "contact": "one line of at most 1000 characters",
    "publish": (
        "places parted by blanks: file:///directory/ (a file for each note), file:///file, https://… (sent by PUT) or"
        " post+https://…, without a user's name"
    ),
    "publish_every": "a number of seconds from 1 to 86400",
    "news_every": "a number of seconds from 60 to 86400",
    "outbound_allow": "addresses and networks like 127.0.0.1 or 10.0.0.0/8, parted by commas",
    "frame_ancestors": "* or sources like 'self' https://example.org, parted by spaces, in ASCII without , and ;",
}

MEANS: Final = {
    "data": "the directory with everything the service keeps",
    "host": "the address to listen at; :: takes IPv4 too",
    "port": "the port to listen at; 0 takes any that is free",
    "admin_token": "a token with every scope that is never stored; without it the first start makes one and prints it",
    "public_read": "whether what is recorded can be read without a token; 0 asks for one with the scope read",
    "public_url": "where readers find the service, `base_path` included; without it links begin with the path alone",
    "base_path": "the part of every path that a proxy in front leaves on",
    "trusted_proxies": "whose word on a client's address, scheme and host is taken; everybody else's is ignored",
    "rate_reads": (
        "reads a second of one address or token, five seconds' worth at once; a tenth of it for what takes long:"
        " searches, exports, both clocks together; 0 is no limit"
    ),
    "rate_writes": "writes a second of one token, five seconds' worth at once; 0 is no limit",
    "feeds_max": "how many feeds may be open",
    "feeds_per_address_max": "how many of them for one address or token",
    "log": "how the process logs to standard error",
    "log_requests": "which requests are logged, a line each: all, none, or some: writes, refused and slow ones",
    "backup_dir": (
        "a directory, best on another disk, that gets a verified backup each night at 03:00 UTC; without it none is"
        " made"
    ),
    "backup_keep": "how many of these backups are kept, the newest",
    "data_license": "under which licence the data may be used, as pages and exports say it",
    "contact": "whom readers can write to, as pages say it",
    "publish": "where the log's notes are put, for others to hold; `/log` tells which of them lie there since when",
    "publish_every": "how often the present note is put there, in seconds",
    "news": (
        "a TOML file that names feeds of others, RSS or Atom, whose articles are recorded as sources; needs the extra"
        " `ingest`"
    ),
    "news_every": "how often each of these feeds is read, in seconds; one that fails, less often",
    "outbound_allow": (
        "which private networks, or this machine, the service may send requests of its own to; to public addresses it"
        " always may"
    ),
    "names_file": (
        "a file of names of your own, by which texts are read for who and where; over the list that comes along"
    ),
    "frame_ancestors": "who may frame `/embed/`, as its `Content-Security-Policy` says it",
}
"""What each setting is, for people who set it."""


OTHERS: Final = frozenset(PREFIX + name for name in ("TOKEN", "SETTINGS", "DOMAIN", "REQUIRE_ALL", "TORTURE"))
"""Variables that are no settings of the service: of its commands, of what stands in front of it, of its tests."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings. `DATELINE_ADMIN_TOKEN` sets `admin_token`, and so on for each; `MEANS` says what each is."""

    data: Path = Path("data")
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Port = 8470
    admin_token: AdminToken | None = None
    public_read: bool = True
    public_url: PublicUrl | Literal[""] = ""
    base_path: BasePath = ""
    trusted_proxies: Line = ""
    rate_reads: Rate = 200.0
    rate_writes: Rate = 250.0
    feeds_max: Count = 10_000
    feeds_per_address_max: Count = 500
    log: Literal["text", "json"] = "text"
    log_requests: Literal["some", "all", "none"] = "some"
    backup_dir: Path | None = None
    backup_keep: Keep = 7
    data_license: Line = ""
    contact: Line = ""
    frame_ancestors: Ancestors = "*"
    publish: Places = ""
    publish_every: Annotated[float, Meta(ge=1, le=86_400)] = 300.0
    news: Path | None = None
    news_every: Annotated[float, Meta(ge=60, le=86_400)] = 900.0
    outbound_allow: Line = ""
    names_file: Path | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for what is no network; msgspec makes it its own error."""
        networks(self.trusted_proxies)
        networks(self.outbound_allow)


class SettingInvalid(DatelineError):
    """A setting is not what it must be. The message does not repeat the value, which may be a secret."""

    code = "setting-invalid"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{PREFIX}{name.upper()} must be {MUST.get(name, reason)}")
        self.name = name


class FileInvalid(DatelineError):
    """A file of settings cannot be read, or names something that is no setting."""

    code = "settings-file-invalid"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


def read_settings(path: Path) -> dict[str, Any]:
    """Return the settings in a TOML file, by their names in small letters; raises `FileInvalid`."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        raise FileInvalid(path, reason) from None
    for unknown in found.keys() - set(Settings.__struct_fields__):
        raise FileInvalid(path, f"there is no setting {unknown!r}; there are {', '.join(Settings.__struct_fields__)}")
    return found


def load_settings(environment: Mapping[str, str], file: Mapping[str, Any] | None = None, **flags: object) -> Settings:
    """Return the settings from flags (None is not given), the environment, and a file (`read_settings`), in this order.

    An empty variable is not set. Raises `SettingInvalid`.
    """
    given: dict[str, Any] = dict(file or {})
    for name in Settings.__struct_fields__:
        value = environment.get(PREFIX + name.upper())
        if flags.get(name) is not None:
            given[name] = flags[name]
        elif value:
            given[name] = value
    for name, value in given.items():
        try:
            _convert({name: value})
        except msgspec.ValidationError as error:
            raise SettingInvalid(name, str(error)) from None
    settings = _convert(given)
    assert isinstance(settings, Settings)
    return settings


def unknown_in(environment: Mapping[str, str]) -> list[str]:
    """Return the variables that are called like settings and are none: perhaps a name was mistyped."""
    known = {PREFIX + name.upper() for name in Settings.__struct_fields__} | OTHERS
    return sorted(name for name in environment if name.startswith(PREFIX) and name not in known)


def _convert(given: dict[str, Any]) -> Settings:
    return msgspec.convert(given, Settings, strict=False, dec_hook=_path)


def _path(kind: type, value: object) -> Path:
    assert kind is Path
    return Path(str(value))
