"""A sentence's words as names need them: with and without `'s`, and what stands around one."""

from typing import Final

from events.extract.text import Sentence

_OPENING: Final = frozenset('“"‘:—–•*')


class Words:
    """The words of a sentence: `full` with a straight apostrophe, `plain` the same without `'s`.

    A hyphen between blanks is written as the dash it stands for.
    """

    __slots__ = ("_first", "_heading", "_text", "full", "lower", "plain", "sentence")

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence
        self._heading: bool | None = None
        self._first: int | None = None
        self._text = sentence.text
        self.lower = sentence.lower
        self.full = sentence.words
        self.plain = self.full
        if "'" in self._text or "’" in self._text:
            self.full = [word.replace("’", "'") for word in self.full]
            self.plain = [word[:-2] if len(word) > 2 and word.endswith(("'s", "'S")) else word for word in self.full]
        if " - " in self._text:
            self._set_dashes()

    @property
    def heading(self) -> bool:
        """Whether this is a heading With Capitals Throughout, so that they say nothing."""
        if self._heading is None:
            long = [word for word in self.full if len(word) > 3 and word[0].isalpha()]
            many = len(long) >= 4 and sum(word[0].isupper() for word in long) * 10 >= len(long) * 8
            self._heading = many and self.full[-1] != "."
        return self._heading

    def _set_dashes(self) -> None:
        starts, ends = self.sentence.starts, self.sentence.ends
        dashes = [
            at
            for at, word in enumerate(self.full)
            if word == "-" and 0 < at < len(ends) - 1 and ends[at - 1] < starts[at] and ends[at] < starts[at + 1]
        ]
        if dashes:
            self.full, self.plain = list(self.full), list(self.plain)
            for at in dashes:
                self.full[at] = self.plain[at] = "–"

    def text(self, at: int) -> str:
        """Return a word; nothing beyond the ends."""
        return self.full[at] if 0 <= at < len(self.full) else ""

    def bare(self, at: int) -> str:
        """Return a word without its `'s`; nothing beyond the ends."""
        return self.plain[at] if 0 <= at < len(self.plain) else ""

    def before(self, at: int) -> str:
        """Return the word before one in lower case, across a hyphen."""
        back = at - 1
        if back > 0 and self.full[back] == "-":
            back -= 1
        return self.lower[back] if back >= 0 else ""

    def stop(self, end: int) -> int:
        """Return where the last word before `end` ends in the text, without its `'s`."""
        return self.sentence.ends[end - 1] - (2 if self.full[end - 1] != self.plain[end - 1] else 0)

    def begins_sentence(self, at: int) -> bool:
        """Return whether a word is the first of its sentence, or of what is quoted or listed in it."""
        if self._first is None:
            self._first = next((index for index, word in enumerate(self.full) if word[0].isalnum()), 0)
        return at <= self._first or self.full[at - 1] in _OPENING

    def is_base(self, end: int) -> bool:
        """Return whether a name that ends before a word goes on as in "Tokyo-based"."""
        return self.text(end) == "-" and self.text(end + 1) in ("based", "born")

    def between(self, start: int, end: int) -> str:
        """Return what stands between two places of the whole text, both in this sentence."""
        return self._text[start - self.sentence.start : end - self.sentence.start]
