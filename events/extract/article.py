"""A whole text: its expressions, and its candidates."""

from events.extract.reading import Extraction, Profile, Publication


def extract(text: str, published: Publication, *, profile: Profile = "dates") -> Extraction:
    """Return what a text announces, as of the day it was published."""
    return Extraction(expressions=(), candidates=())
