"""The tables of `docs/operating.md`, made from the code: `python -m tests.operating` writes them anew."""

from pathlib import Path
from typing import Any, Final, get_args

from api import cache, connections, door, feed, feeds_in, news, outbound, receiving, settings
from api.metrics import METRICS
from events import bodies, commands
from events.log import port
from events.views import listing

PAGE: Final = Path(__file__).parents[1] / "docs" / "operating.md"
KIB, MIB = 1024, 1024 * 1024


def _longest(*texts: Any) -> int:
    """Return how many characters a text may have, which is the same for all of these."""
    (most,) = {get_args(text)[1].max_length for text in texts}
    return int(most)


LIMITS: Final[tuple[tuple[str, str], ...]] = (
    ("address and query of a request", f"{connections.TARGET_BYTES_MAX // KIB} KiB"),
    ("headers", f"{connections.FIELDS_MAX}, {connections.HEAD_BYTES_MAX // KIB} KiB together"),
    ("a request's head has arrived within", f"{connections.HEAD_S_MAX:.0f} s"),
    ("a body", f"{door.BODY_BYTES_MAX // MIB} MiB, nested {door.NESTING_MAX} deep"),
    ("the text of a source", f"{bodies.TEXT_BYTES_MAX // MIB} MiB"),
    ("a title, a quote", f"{_longest(bodies.Title, bodies.Quote):,} characters"),
    ("a reason", f"{_longest(bodies.Reason):,} characters"),
    ("citations, actors of one request", f"{bodies.CITATIONS_MAX}, {bodies.ACTORS_MAX}"),
    ("a batch, a commit", f"{commands.BATCH_COMMANDS_MAX} commands, {port.COMMIT_EVENTS_MAX} entries"),
    ("items of a page", f"{listing.LIMIT_MAX:,} ({listing.LIMIT_DEFAULT} unless asked)"),
    ("a stream that takes nothing is closed after", f"{feed.SEND_S:.0f} s"),
    ("a page or feed that the service reads", f"{receiving.BODY_BYTES_MAX // MIB} MiB, in {outbound.FETCH_S:.0f} s"),
    ("entries of a feed, those taken at a time", f"{feeds_in.ENTRIES_MAX}, {news.ENTRIES_A_POLL_MAX}"),
    ("memory for answers given before", f"{cache.BYTES_MAX // MIB} MiB"),
)


def tables() -> dict[str, str]:
    """Return the tables by name."""
    return {
        "settings": _table(("setting", "default", "what it is"), [_setting(name) for name in _names()]),
        "limits": _table(("what", "at most"), LIMITS),
        "metrics": _table(
            ("name", "type", "labels", "what it says"),
            [(f"`{one.name}`", one.type, ", ".join(one.labels), one.help) for one in METRICS],
        ),
    }


def page(text: str) -> str:
    """Return the page with its tables as the code has them."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}{table}{end}{after}"
    return text


def _names() -> tuple[str, ...]:
    return settings.Settings.__struct_fields__


def _setting(name: str) -> tuple[str, str, str]:
    default: Any = dict(zip(_names(), settings.Settings.__struct_defaults__, strict=True))[name]
    if isinstance(default, float):
        default = f"{default:g}"
    shown = {None: "", True: "1", False: "0", "": ""}.get(default, default)
    must = f" Must be {settings.MUST[name]}." if name in settings.MUST else ""
    return f"`{settings.PREFIX}{name.upper()}`", f"`{shown}`" if shown else "", f"{settings.MEANS[name]}.{must}"


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
