"""What `docs/operating.md` says of settings, limits and metrics is what the code says."""

from tests.operating import PAGE, page


def test_the_tables_are_those_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "python -m tests.operating writes them anew"
