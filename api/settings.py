"""What an operator can set: by flag, else by environment, else as it is here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from events.errors import DatelineError

PREFIX: Final = "DATELINE_"

AdminToken: TypeAlias = Annotated[str, Meta(pattern=r"^[!-~]{32,200}\Z")]
BasePath: TypeAlias = Annotated[str, Meta(pattern=r"^(/[A-Za-z0-9._~-]+)*\Z")]
PublicUrl: TypeAlias = Annotated[str, Meta(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*[^\s?#/])?\Z")]
Port: TypeAlias = Annotated[int, Meta(ge=0, le=65535)]
Line: TypeAlias = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=1000)]

MUST: Final = {
    "admin_token": "32 to 200 visible ASCII characters",
    "base_path": "a path without a slash at its end, like /dateline",
    "public_url": "an absolute http or https address without a slash at its end",
    "port": "a number from 0 (any free one) to 65535",
    "public_read": "1 or 0",
    "log": "text or json",
    "log_requests": "some, all or none",
}


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings. `DATELINE_ADMIN_TOKEN` sets `admin_token`, and so on for each.

    `public_url` is where readers find the service, `base_path` included; empty where there is none. `base_path` is the
    part of every path that a proxy in front leaves on. `frame_ancestors` is what the `Content-Security-Policy` of
    `/embed/` says of it.
    """

    data: Path = Path("data")
    host: Annotated[str, Meta(min_length=1)] = "127.0.0.1"
    port: Port = 8470
    admin_token: AdminToken | None = None
    public_read: bool = True
    public_url: PublicUrl | Literal[""] = ""
    base_path: BasePath = ""
    log: Literal["text", "json"] = "text"
    log_requests: Literal["some", "all", "none"] = "some"
    data_license: Line = ""
    contact: Line = ""
    frame_ancestors: Line = "*"


class SettingInvalid(DatelineError):
    """A setting is not what it must be. The message does not repeat the value, which may be a secret."""

    code = "setting-invalid"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{PREFIX}{name.upper()} must be {MUST.get(name, reason)}")
        self.name = name


def load_settings(environment: Mapping[str, str], **flags: object) -> Settings:
    """Return the settings from flags (None is not given), then the environment; an empty variable is not set.

    Raises `SettingInvalid`.
    """
    given: dict[str, Any] = {}
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


def _convert(given: dict[str, Any]) -> Settings:
    return msgspec.convert(given, Settings, strict=False, dec_hook=_path)


def _path(kind: type, value: object) -> Path:
    assert kind is Path
    return Path(str(value))
