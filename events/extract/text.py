"""A text as paragraphs, sentences and words, each with its place in code points.

Splitting is one linear pass of regular expressions. A full stop ends a sentence only before white space and what can
begin one, and not after an abbreviation, an initial, or inside "U.S.".
"""

import re
from collections.abc import Iterator
from typing import Any, Final

SENTENCE_CHARACTERS_MAX: Final = 1_000
"""What is longer than any sentence is read in pieces, so that reading takes a time in proportion to the text."""

_LINE: Final = re.compile(r"[^\n\r\u2028\u2029]+")
_SET: Final = (55, 100)
"""How long lines are, in characters, that a margin broke; shorter ones are headings or items."""
_MARKS: Final = frozenset('.!?:;”"’)')
_STOP: Final = re.compile(r"""(?<![.!?…])[.!?…]++["'”’»)\]]*(?=\s+["'“‘«(\[]*[^\W_a-z])""")
_BEFORE_STOP: Final = re.compile(r"[^\s(\[“\"‘'/–—-]*\Z")
_AFTER_CLOCK: Final = re.compile(
    r"\s+(?:[A-Z]{2,5}\b|[Ll]ocal|[Oo]n|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z][a-z]{2,8}\.? \d)"
)
"""Matches what goes on with a clock time in the same sentence: "10 a.m. GMT", "10 a.m. Friday"."""
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?|[^\W\d_]")
_ABBREVIATIONS: Final = frozenset(
    "mr mrs ms dr prof st jr sr adm capt cmdr col gen gov hon lt maj rep reps rev sen sens sgt pres supt amb "
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri "
    "co corp inc ltd bros no nos vs etc fig al ca cf approx est dept univ ft mt "
    "ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont neb nev okla ore "
    "pa tenn tex va vt wash wis wyo".split()
)
WORD: Final = re.compile(
    r"""\$?\d++(?:[.,:/]\d++)*+(?:st|nd|rd|th|s|bn|m|k|%)?(?![^\W\d_])
    |\d++(?:[.:]\d++)*+(?=[ap]m\b)
    |\d++[^\W_]++
    |\d++
    |(?:[^\W\d_]\.){2,}
    |[^\W\d_]+(?:['’][^\W\d_]+)?
    |[^\w\s]|_""",
    re.VERBOSE,
)
"""Matches a number with what is written onto it, a word (with what follows its apostrophe), or one other character.

What is no number ("A320neo", "2011QK9") does not come apart; a clock time ("11am") does.
"""


class Sentence:
    """A sentence, `[start, end)` of a text, in its words, punctuation marks among them.

    `starts` and `ends` are the words' places in the whole text, `lower` the words in lower case with straight
    apostrophes. `kept` is where readers of the sentence keep what they found, so that it is found once.
    """

    __slots__ = ("_text", "end", "ends", "kept", "lower", "paragraph", "start", "starts", "words")

    def __init__(self, text: str, start: int, end: int, paragraph: int) -> None:
        found = list(WORD.finditer(text, start, end))
        self._text = text
        self.start = start
        self.end = end
        self.paragraph = paragraph
        self.words = [match[0] for match in found]
        self.lower = [word.lower() for word in self.words]
        if text.find("’", start, end) >= 0:
            self.lower = [word.replace("’", "'") for word in self.lower]
        self.starts = [match.start() for match in found]
        self.ends = [match.end() for match in found]
        self.kept: dict[str, Any] = {}

    @property
    def text(self) -> str:
        """The sentence as it stands."""
        return self._text[self.start : self.end]

    def between(self, start: int, end: int) -> str:
        """What stands at `[start, end)` of the whole text."""
        return self._text[start:end]

    def follows(self, index: int, mark: str) -> bool:
        """Whether a word ends in `mark`, or that stands right after it; both apostrophes count."""
        end = self.ends[index]
        return self.lower[index].endswith(mark) or self._text[end : end + len(mark)].replace("’", "'") == mark


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text in order, without the white space around them.

    >>> [sentence.text for sentence in sentences("Mr. Sato will visit. The U.S. Senate votes on Jan. 5.")]
    ['Mr. Sato will visit.', 'The U.S. Senate votes on Jan. 5.']
    """
    for number, (start, end) in enumerate(_paragraphs(text)):
        for stop in _STOP.finditer(text, start, end):
            if _is_abbreviation(text, start, stop.start()) and stop[0] == ".":
                continue
            yield from _sentence(text, start, stop.end(), number)
            start = stop.end()
        yield from _sentence(text, start, end, number)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each paragraph stands: a line, or lines that a margin has broken.

    A line goes on in the next where that begins with a small letter, or where the line is as long as set text is and
    ends without a mark.
    """
    start, end = 0, 0
    for line in _LINE.finditer(text):
        first, last = line.span()
        if end and not _goes_on(text, start, end, first):
            yield start, end
            end = 0
        start, end = first if not end else start, last
    if end:
        yield start, end


def _goes_on(text: str, start: int, end: int, first: int) -> bool:
    """Whether the lines `[start, end)` go on in the line that begins at `first`."""
    if text.count("\n", end, first) != 1:
        return False
    begin = max(text.rfind("\n", start, end) + 1, start)
    if begin == 0:
        return text[first].islower()  # A headline is not gone on with, however long it is.
    last_line = end - begin
    ending = text[max(start, end - 4) : end].rstrip()[-1:]
    return text[first].islower() or (_SET[0] <= last_line <= _SET[1] and ending not in _MARKS)


def _sentence(text: str, start: int, end: int, paragraph: int) -> Iterator[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while end - start > SENTENCE_CHARACTERS_MAX:
        stop = text.rfind(" ", start, start + SENTENCE_CHARACTERS_MAX) + 1 or start + SENTENCE_CHARACTERS_MAX
        yield Sentence(text, start, stop, paragraph)
        start = stop
    if start < end:
        yield Sentence(text, start, end, paragraph)


def _is_abbreviation(text: str, start: int, stop: int) -> bool:
    before = _BEFORE_STOP.search(text, max(start, stop - 24), stop)
    word = before[0] if before else ""
    if word in ("a.m", "p.m"):
        return _AFTER_CLOCK.match(text, stop + 1) is not None
    return word.lower() in _ABBREVIATIONS or _INITIALS.fullmatch(word) is not None
