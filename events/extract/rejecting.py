"""What an editor turned down in a text does not come back."""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from events.extract.reading import Candidate, Expression, Extraction
from events.facts import CandidateRejected


def without_rejected(extraction: Extraction, rejected: Iterable[CandidateRejected], text: str) -> Extraction:
    """Return an extraction without the readings that were turned down.

    A rejection names a place, which is a candidate's or that of the date's own words, and the date that was read there,
    empty for none. It counts while the same words stand there.
    """
    down = {(one.start, one.end, one.reading) for one in rejected if _stands(one, text)}
    if not down:
        return extraction
    return msgspec.structs.replace(
        extraction,
        expressions=tuple(one for one in extraction.expressions if _of_expression(one) not in down),
        candidates=tuple(
            one
            for one in extraction.candidates
            if _of_candidate(one) not in down and (one.expression is None or _of_expression(one.expression) not in down)
        ),
    )


def _of_expression(one: Expression) -> tuple[int, int, str]:
    return one.start, one.end, one.edtf or ""


def _of_candidate(one: Candidate) -> tuple[int, int, str]:
    return one.start, one.end, one.when.edtf or ""


def _stands(one: CandidateRejected, text: str) -> bool:
    return sha256(text[one.start : one.end].encode()).hexdigest() == one.quote_hash
