"""Texts that a fuzzer bends until they reach new code: `python -m tests.property.coverage_guided -max_total_time=600`.

Needs atheris (`pip install atheris`; Linux and x86-64), which is in no lock: the tests beside it need nothing but
Hypothesis. It stops at the first text that raises, quotes wrongly, or takes too long.
"""

import sys
import time
from typing import Final

SECONDS_MAX: Final = 1.0


def one(data: bytes) -> None:
    """Read a text in both profiles; raises where something does not hold."""
    from events.extract.article import extract
    from events.extract.reading import Publication

    text = data.decode("utf-8", errors="ignore")
    for profile in ("dates", "timeml"):
        began = time.process_time()
        found = extract(text, Publication(day=738_984, country="US"), profile=profile)
        assert time.process_time() - began < SECONDS_MAX, "it takes too long"
        assert all(text[each.start : each.end] == each.text for each in found.expressions)
        assert all(text[each.start : each.end] == each.quote for each in found.candidates)
        assert all(0 < len(each.title.split()) <= 12 for each in found.candidates)


def main() -> None:
    """Run the fuzzer with the arguments of libFuzzer."""
    import atheris

    with atheris.instrument_imports(include=["events"]):
        import events.extract.article  # noqa: F401
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
