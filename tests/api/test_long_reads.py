"""What takes long to find waits for its like, and nobody else waits for it."""

import asyncio
from pathlib import Path

from events.views.turns import Turns
from tests.api.inside import ask, inside

LONG = (
    *("/v1/search?q=visit", "/search?q=visit", "/v1/scoreboard", "/v1/slippage", "/v1/announcements?q=visit"),
    *("/v1/announcements?as_of=0&said_by=2024-01-01", "/v1/agenda?said_by=2024-01-01&%61s_of=0", "/v1/due.csv"),
    *("/v1/announcements.ics", "/v1//search/?q=visit"),
)
SHORT = ("/v1/announcements", "/v1/announcements?as_of=0", "/v1/due?said_by=2024-01-01", "/v1/events", "/v1/log", "/")


async def test_only_what_takes_long_is_sent_away_while_too_many_wait(data: Path) -> None:
    async with inside(data) as service:
        service.views._turns = Turns(at_once=1, waiting_max=0)
        async with service.views._turns.turn():
            # A task each, as the server has it: what one request asks for is nothing to the next.
            asked = {path: asyncio.create_task(ask(service, "GET", path)) for path in (*LONG, *SHORT)}
            told = {path: await answer for path, answer in asked.items()}
        later = await ask(service, "GET", LONG[0])

    assert {path: told[path].status for path in LONG} == dict.fromkeys(LONG, 503)
    assert {path: told[path].status for path in SHORT} == dict.fromkeys(SHORT, 200)
    assert told[LONG[0]].json()["code"] == "reads-full"
    assert all(int(told[path].headers["retry-after"]) > 0 for path in LONG)
    assert later.status == 200
