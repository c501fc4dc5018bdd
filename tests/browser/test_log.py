"""The page of the log, where a reader's own browser checks that an entry is under the signed seal."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.served import Served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("log") / "data", seed=True) as running:
        yield running


def check(page: Page, seeded: Served, entry: int) -> None:
    page.goto(f"{seeded.url}/log")
    page.get_by_label("Entry number").fill(str(entry))
    page.get_by_role("button", name="Check").click()


@pytest.mark.parametrize("entry", [1, 2, 77, 128, 130])
def test_a_readers_browser_leads_an_entry_to_the_signed_seal(seeded: Served, page: Page, entry: int) -> None:
    check(page, seeded, entry)

    verdict = page.locator("#check output")
    expect(verdict).to_have_text(
        f"✓ Entry {entry} is under the seal, which the key of this log signed, and its content is the one it was"
        " recorded with."
    )
    expect(verdict).to_have_class("right")
    expect(verdict).to_be_visible()
    expect(page.locator("#check li").first).to_have_class("right")
    expect(page.locator("#check li.wrong")).to_have_count(0)
    expect(page.locator("#check li").nth(-2)).to_contain_text(seeded.get("/v1/log")["root"])


def test_one_changed_character_does_not_lead_there_and_changed_back_it_does(seeded: Served, page: Page) -> None:
    check(page, seeded, 42)
    verdict = page.locator("#check output")
    expect(verdict).to_have_class("right")

    page.get_by_role("button", name="Change one character").click()

    expect(verdict).to_have_class("wrong")
    expect(verdict).to_contain_text("not what was recorded")
    expect(page.locator("#check li").nth(-2)).to_contain_text("✗ differs")
    page.get_by_role("button", name="As it was").click()
    expect(verdict).to_have_class("right")
    text = page.get_by_label("The entry, as it was recorded")
    text.fill(text.input_value().replace('"v":1', '"v":2'))
    expect(verdict).to_have_class("wrong")


def test_a_number_without_an_entry_is_said(seeded: Served, page: Page) -> None:
    page.goto(f"{seeded.url}/log")
    page.locator("#check form").evaluate("form => form.noValidate = true")
    page.get_by_label("Entry number").fill("9999")
    page.get_by_role("button", name="Check").click()

    expect(page.locator("#check output")).to_be_visible()
    expect(page.locator("#check output")).to_have_text("There is no entry 9999.")


@pytest.mark.parametrize(
    ("part", "forged"),
    [
        ("path[0]", "btoa('x'.repeat(32))"), ("checkpoint", "proof.checkpoint.replace('\\n130\\n', '\\n131\\n')"),
        ("checkpoint", "proof.checkpoint.replace(/— (.*) ....../, '— $1 AAAAAA')"),
        ("checkpoint", "proof.checkpoint.replace(/.(.{6}\\n)$/, (all, end) => (all[0] === 'A' ? 'B' : 'A') + end)"),
        ("tree_size", "200"), ("position", "3"),
    ],
)  # fmt: skip
def test_a_forged_proof_is_refused_whatever_is_forged(seeded: Served, page: Page, part: str, forged: str) -> None:
    page.goto(f"{seeded.url}/log")

    ok = page.evaluate(
        f"""async () => {{
            const {{ checked }} = await import("/static/log.js");
            const proof = await (await fetch("/v1/events/42/proof")).json();
            const vkey = document.querySelector("#check").dataset.vkey;
            const all = async () => {{
                const found = [];
                for await (const step of checked(proof, proof.entry, vkey)) found.push(step.ok);
                return found.filter((ok) => ok !== null);
            }};
            const before = await all();
            proof.{part} = {forged};
            return [before, await all()];
        }}"""
    )

    assert ok[0] == [True, True]
    assert False in ok[1]
