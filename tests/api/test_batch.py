"""A batch is one commit: whole, or not at all."""

import re
from typing import Any

import pytest

from tests.api.served import Served, announcement, cited, source


def command(name: str, **body: Any) -> dict[str, Any]:
    return {"command": name, **body}


def test_later_commands_name_what_earlier_ones_make(served: Served) -> None:
    batch = {
        "commands": [
            command("record_source", **source("bulletin")),
            command("record_actor", id="office", names={"en": "Office"}, kind="office"),
            command("make_announcement", **announcement("visit", "bulletin", actors=[{"id": "office"}])),
            command("reschedule", id="visit", when="2024-04-12", citations=cited("bulletin", "on 12 April 2024")),
            command("create_timeline", slug="visits", title="Visits", query={"actor": "office"}),
            command("pin", slug="visits", announcement="visit"),
        ]
    }

    answer = served.post("/v1/batch", batch, key="batch")

    assert answer.status_code == 201
    ids = ["bulletin", "office", "visit", "visit", "visits", "visits"]
    receipts = [{"id": id, "position": position, "duplicate": False} for position, id in enumerate(ids, 1)]
    assert answer.json() == {"position": 6, "duplicate": False, "receipts": receipts}
    assert {event["commit"] for event in served.get("/v1/events")["events"]} == {"1-6"}
    assert served.get("/v1/timelines/visits")["items"][0]["when"]["edtf"] == "2024-04-12"


def test_a_retried_batch_gets_all_its_receipts_again(served: Served) -> None:
    batch = {"commands": [command("record_source", **source("one")), command("record_source", **source("two"))]}
    first = served.post("/v1/batch", batch, key="twice").json()

    again = served.post("/v1/batch", batch, key="twice")

    assert again.status_code == 200
    assert again.json() == {
        "position": first["position"],
        "duplicate": True,
        "receipts": [{**receipt, "duplicate": True} for receipt in first["receipts"]],
    }


def test_one_refused_command_refuses_them_all_and_names_itself(served: Served) -> None:
    head = served.head()
    batch = {
        "commands": [
            command("record_source", **source("three")),
            command("make_announcement", **announcement("m", "three", citations=cited("three", "no such words"))),
        ]
    }

    answer = served.post("/v1/batch", batch)

    assert (answer.status_code, answer.json()["code"]) == (422, "quote-not-found")
    assert [place["pointer"] for place in answer.json()["errors"]] == ["/commands/1/citations/0/quote"]
    assert served.head() == head
    assert served.api.get("/v1/sources/three").status_code == 404


def test_a_batch_of_one_names_its_command_too(served: Served) -> None:
    batch = {"commands": [command("record_source", **source("three", timezone="Nowhere"))]}

    answer = served.post("/v1/batch", batch)

    assert [place["pointer"] for place in answer.json()["errors"]] == ["/commands/0/timezone"]


def test_a_command_that_is_none_is_refused_with_its_place(served: Served) -> None:
    for commands, pointer in (
        ([command("sing")], "/commands/0/command"),
        ([{"id": "x"}], "/commands/0/command"),
        ([command("retract", id="x", reason="y", why="z")], "/commands/0/why"),
        ([command("record_source", title="T", publisher="P")], "/commands/0/published_at"),
        ([], "/commands"),
        ([command("retract", id="x", reason="y")] * 501, "/commands"),
    ):
        answer = served.post("/v1/batch", {"commands": commands})

        assert answer.status_code in (400, 422)
        assert [place["pointer"] for place in answer.json()["errors"]] == [pointer]


def actors(count: int, prefix: str) -> list[dict[str, Any]]:
    return [
        command("record_actor", id=f"{prefix}-{number}", names={"en": f"Actor {number}"}, kind="office")
        for number in range(count)
    ]


def test_five_hundred_commands_are_one_commit(served: Served) -> None:
    head = served.head()

    answer = served.post("/v1/batch", {"commands": actors(500, "actor")}, key="five-hundred")

    assert answer.status_code == 201
    first, last = head + 1, head + 500
    receipts = [{"id": f"actor-{n}", "position": first + n, "duplicate": False} for n in range(500)]
    assert answer.json() == {"position": last, "duplicate": False, "receipts": receipts}
    events = served.get("/v1/events", from_=head, limit=1000)["events"]
    assert [event["position"] for event in events] == list(range(first, last + 1))
    assert {event["commit"] for event in events} == {f"{first}-500"}
    assert len({event["time"] for event in events}) == 1
    assert served.head() == last


@pytest.mark.parametrize("wrong", [0, 250, 499])
def test_one_refused_command_of_five_hundred_leaves_nothing_of_the_rest(served: Served, wrong: int) -> None:
    head = served.head()
    commands = actors(500, f"not-{wrong}")
    commands[wrong] = command("rename_actor", id="nobody", names={"en": "Nobody"})

    answer = served.post("/v1/batch", {"commands": commands}, key=f"wrong-{wrong}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.json()["errors"][0]["pointer"].startswith(f"/commands/{wrong}")
    assert answer.json()["detail"].startswith("there is no actor 'nobody'")
    assert served.head() == head
    assert served.post("/v1/batch", {"commands": actors(1, f"not-{wrong}")}, key=f"wrong-{wrong}").status_code == 201


def test_five_hundred_and_one_commands_are_refused(served: Served) -> None:
    head = served.head()

    answer = served.post("/v1/batch", {"commands": actors(501, "too-many")})

    assert (answer.status_code, answer.json()["code"]) == (400, "body-mismatch")
    assert [place["pointer"] for place in answer.json()["errors"]] == ["/commands"]
    assert served.head() == head


def test_commands_that_make_over_five_hundred_entries_are_refused(served: Served) -> None:
    """A merge makes two entries: it also corroborates the one that it is merged into."""
    ids = [f"same-{number}" for number in range(260)]
    sources = [command("record_source", **source(f"of-{id}", text=f"For {id}: on 10 April 2024.")) for id in ids[:8]]
    served.post("/v1/batch", {"commands": sources}).raise_for_status()
    made = [command("make_announcement", **announcement(id, f"of-same-{number % 8}")) for number, id in enumerate(ids)]
    served.post("/v1/batch", {"commands": made}).raise_for_status()
    head = served.head()
    merges = [command("merge", id=ids[number], into=ids[number + 1]) for number in range(259)]

    answer = served.post("/v1/batch", {"commands": merges})

    assert (answer.status_code, answer.json()["code"]) == (422, "body-invalid")
    assert re.fullmatch(r"/commands/2\d\d", answer.json()["errors"][0]["pointer"])
    assert "too many for one commit" in answer.json()["detail"]
    assert served.head() == head


def test_a_batch_takes_a_dry_run(served: Served) -> None:
    head = served.head()

    answer = served.post("/v1/batch?dry_run=true", {"commands": [command("record_source", **source("dry"))]})

    assert answer.json() == {
        "position": head + 1,
        "duplicate": False,
        "receipts": [{"id": "dry", "position": head + 1, "duplicate": False}],
    }
    assert served.head() == head
