"""A batch is one commit: whole, or not at all."""

from typing import Any

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


def test_five_hundred_commands_are_one_commit(served: Served) -> None:
    head = served.head()
    commands = [
        command("record_actor", id=f"actor-{number}", names={"en": f"Actor {number}"}, kind="office")
        for number in range(500)
    ]

    answer = served.post("/v1/batch", {"commands": commands})

    assert answer.status_code == 201
    assert answer.json()["position"] == head + 500


def test_a_batch_takes_a_dry_run(served: Served) -> None:
    head = served.head()

    answer = served.post("/v1/batch?dry_run=true", {"commands": [command("record_source", **source("dry"))]})

    assert answer.json() == {
        "position": head + 1,
        "duplicate": False,
        "receipts": [{"id": "dry", "position": head + 1, "duplicate": False}],
    }
    assert served.head() == head
