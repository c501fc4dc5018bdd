"""A file of names that an editor keeps: who and what texts mean by them, over the list that comes with Dateline."""

from pathlib import Path

from events.extract.who.gazetteer import Gazetteer, GazetteerInvalid, default_gazetteer, read_gazetteer


def read_names(path: Path | None) -> Gazetteer | None:
    """Return the names in a file, over those that come with Dateline; None without one.

    Raises `OSError`, and `GazetteerInvalid` for a line that cannot be read.
    """
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise GazetteerInvalid(line, f"{path} is not UTF-8") from None
    return read_gazetteer(text, base=default_gazetteer())
