"""Amounts of money in a sentence: exact decimals with ISO 4217 codes."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from events.extract.text import Sentence
from events.terms import Amount

DIGITS_MAX: Final = 30
"""A longer number is no amount of money."""

_SYMBOLS: Final = {
    "US$": "USD", "U.S.$": "USD", "A$": "AUD", "AU$": "AUD", "AUD$": "AUD", "C$": "CAD", "CA$": "CAD", "CAD$": "CAD",
    "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "NT$": "TWD", "R$": "BRL", "MX$": "MXN", "CN¥": "CNY", "RMB¥": "CNY",
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₴": "UAH",
    "₪": "ILS", "₱": "PHP", "₫": "VND", "฿": "THB", "₦": "NGN", "Rs": "INR", "Rs.": "INR", "RM": "MYR",
}  # fmt: skip
_CODES: Final = frozenset(
    "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW KZT MXN MYR NGN NOK NZD "
    "PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR RMB".split()
)
_UNITS: Final = {
    "us dollar": "USD", "u.s. dollar": "USD", "american dollar": "USD", "australian dollar": "AUD",
    "canadian dollar": "CAD", "new zealand dollar": "NZD", "hong kong dollar": "HKD", "singapore dollar": "SGD",
    "taiwan dollar": "TWD", "new taiwan dollar": "TWD", "dollar": "USD", "euro": "EUR", "british pound": "GBP",
    "pounds sterling": "GBP", "pound sterling": "GBP", "egyptian pound": "EGP", "pound": "GBP", "yen": "JPY",
    "japanese yen": "JPY", "yuan": "CNY", "chinese yuan": "CNY", "renminbi": "CNY", "swiss franc": "CHF",
    "korean won": "KRW", "south korean won": "KRW", "won": "KRW", "indian rupee": "INR", "pakistani rupee": "PKR",
    "rupee": "INR", "russian rouble": "RUB", "russian ruble": "RUB", "rouble": "RUB", "ruble": "RUB",
    "swedish krona": "SEK", "swedish kronor": "SEK", "norwegian krone": "NOK", "norwegian kroner": "NOK",
    "danish krone": "DKK", "danish kroner": "DKK", "zloty": "PLN", "polish zloty": "PLN", "złoty": "PLN",
    "zlotys": "PLN", "forint": "HUF", "hungarian forint": "HUF", "czech koruna": "CZK", "czech crown": "CZK",
    "turkish lira": "TRY", "lira": "TRY", "shekel": "ILS", "rand": "ZAR", "brazilian real": "BRL", "reais": "BRL",
    "mexican peso": "MXN", "philippine peso": "PHP", "argentine peso": "ARS", "ringgit": "MYR", "baht": "THB",
    "rupiah": "IDR", "hryvnia": "UAH", "hryvnias": "UAH", "naira": "NGN", "dirham": "AED", "saudi riyal": "SAR",
    "riyal": "SAR", "dong": "VND",
}  # fmt: skip
_SCALES: Final = {
    "hundred": 2, "thousand": 3, "k": 3, "million": 6, "mn": 6, "mln": 6, "m": 6, "crore": 7, "lakh": 5, "billion": 9,
    "bn": 9, "bln": 9, "b": 9, "trillion": 12, "tn": 12, "trn": 12, "t": 12,
}  # fmt: skip
_NUMBER_WORDS: Final = {
    "a": "1", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "half a": "0.5",
}  # fmt: skip
_QUALIFIERS: Final = (
    "as much as", "as little as", "no more than", "no less than", "not more than", "at least", "at most", "up to",
    "more than", "less than", "fewer than", "close to", "in excess of", "about", "around", "approximately", "nearly",
    "almost", "over", "under", "roughly", "some", "an estimated", "estimated", "an additional", "just over",
    "just under", "well over", "upwards of",
)  # fmt: skip


def _any(words: dict[str, str] | dict[str, int] | frozenset[str] | tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_NUMBER: Final = r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?"
_SCALE_SHORT: Final = r"bn|bln|mn|mln|tn|trn|[kKmMbBtT]"
_SCALE_LONG: Final = r"hundred|thousand|lakh|crore|million|billion|trillion"
_SCALE: Final = rf"(?:[\s-]*(?P<{{0}}>(?ai:{_SCALE_LONG}))|\s?(?P<{{1}}>{_SCALE_SHORT}))?(?![^\W_])"
_WITH_SYMBOL: Final = re.compile(
    rf"(?<![^\W_])(?P<symbol>{_any(_SYMBOLS)}|(?:{_any(_CODES)})(?=\s?[0-9]))\s?(?P<number>{_NUMBER})"
    + _SCALE.format("long", "short")
)
_WITH_UNIT: Final = re.compile(
    rf"(?<![\w$€£¥.,])(?P<number>{_NUMBER}|(?ai:{_any(_NUMBER_WORDS)})(?=[\s-]+(?ai:{_SCALE_LONG})))"
    + _SCALE.format("long", "short")
    + rf"[\s-]*(?P<unit>(?ai:{_any(_UNITS)})s?|{_any(_CODES)})(?![^\W_])"
)
_BEFORE_RANGE: Final = re.compile(
    rf"(?<![\w.,])(?P<symbol>{_any(_SYMBOLS)})?(?P<number>{_NUMBER})\s?(?:[-–]|to|or|(?P<and>and))\s?\Z"
)
_SECOND_OF_RANGE: Final = re.compile(rf"\s?(?:[-–]|to)\s?(?P<number>{_NUMBER})" + _SCALE.format("long", "short"))
_QUALIFIER: Final = re.compile(rf"(?<![^\W_])(?ai:{_any(_QUALIFIERS)})\s+(?:a\s+further\s+)?\Z")
_SIGN: Final = re.compile(r"[$€£¥₹₩₽₺₴₪₱₫฿₦]")
_UNIT_WORDS: Final = frozenset(f"{unit.split()[-1]}{ending}" for unit in _UNITS for ending in ("", "s"))
_CODE_WORDS: Final = _CODES | {"Rs", "RM"}
_NEED_SCALE: Final = frozenset(("pound", "won", "real", "rand", "dong", "lira"))
"""Words that mean other things beside a small number: "300 pounds of rice", "Group 2 won"."""


class Money(NamedTuple):
    """An amount at `[start, end)` of the text, in code points, `qualifier` ("nearly", "up to") among its words."""

    start: int
    end: int
    amount: Amount
    qualifier: str | None


def amounts(sentence: Sentence) -> list[Money]:
    """Return the amounts of money in a sentence, in order. Of "$2 billion to $3 billion" both are given.

    >>> from events.extract.text import sentences
    >>> [money.amount.value for money in amounts(next(sentences("It pays €1.5bn and up to 4 trillion yen.")))]
    ['1500000000', '4000000000000']
    """
    text = sentence.text
    signed = _SIGN.search(text) is not None
    if not signed and _UNIT_WORDS.isdisjoint(sentence.lower) and _CODE_WORDS.isdisjoint(sentence.words):
        return []  # Most sentences stop here.
    found = [*_matched(_WITH_SYMBOL, text, sentence.start), *_matched(_WITH_UNIT, text, sentence.start)]
    found.sort(key=lambda money: (money.start, -money.end, -len(money.amount.value)))
    kept: list[Money] = []
    for money in found:
        if not kept or money.start >= kept[-1].end:
            kept.append(money)
        elif money.end > kept[-1].end:  # "$5" of "$5 billion dollars".
            kept[-1] = money
    return kept


def _matched(pattern: re.Pattern[str], text: str, offset: int) -> Iterator[Money]:
    for match in pattern.finditer(text):
        groups = match.groupdict()
        unit = groups.get("unit")
        scale = match["long"] or match["short"]
        if unit is not None and scale is None and unit.lower().removesuffix("s") in _NEED_SCALE:
            continue
        currency = _currency(groups.get("symbol"), unit)
        if currency is None:
            continue
        number, end = match["number"], match.end()
        second = _SECOND_OF_RANGE.match(text, end) if unit is None and scale is None else None
        if second is not None and (second["long"] or second["short"]):  # "$2-3 billion"
            common = second["long"] or second["short"]
            yield from _money(text, match.start(), end, offset, _value(number, common), currency)
            start, value = second.start("number"), _value(second["number"], common)
            yield from _money(text, start, second.end(), offset, value, currency)
            continue
        before = _BEFORE_RANGE.search(text, max(0, match.start() - 32), match.start()) if scale else None
        if before is not None and _is_range(text, before, symbol=unit is None):
            value = _value(before["number"], scale)
            yield from _money(text, before.start(), before.end("number"), offset, value, currency)
        yield from _money(text, match.start(), end, offset, _value(number, scale), currency)


def _is_range(text: str, before: re.Match[str], *, symbol: bool) -> bool:
    """Return whether a bare number before an amount shares its scale: "$2 to $3 billion", "between 2 and 3 …"."""
    if symbol != (before["symbol"] is not None):
        return False
    return before["and"] is None or text[max(0, before.start() - 10) : before.start()].rstrip().lower().endswith(
        "between"
    )


def _money(text: str, start: int, end: int, offset: int, value: str | None, currency: str) -> Iterator[Money]:
    if value is None:
        return
    lead = _QUALIFIER.search(text, max(0, start - 32), start)
    start = start if lead is None else lead.start()
    qualifier = None if lead is None else lead[0].strip().lower()
    amount = Amount(value=value, currency=currency, text=text[start:end])
    yield Money(start + offset, end + offset, amount, qualifier)


def _currency(symbol: str | None, unit: str | None) -> str | None:
    if symbol is not None:
        code = _SYMBOLS.get(symbol, symbol)
    else:
        assert unit is not None
        lower = " ".join(unit.lower().split())
        code = _UNITS.get(lower) or _UNITS.get(lower.removesuffix("s")) or unit
    return "CNY" if code == "RMB" else code if code in _CODES else None


def _value(number: str, scale: str | None) -> str | None:
    """Return the decimal without a float: digits moved by the scale."""
    digits = _NUMBER_WORDS.get(" ".join(number.lower().split()), number.replace(",", ""))
    if len(digits) > DIGITS_MAX:
        return None
    whole, _, part = digits.partition(".")
    zeros = _SCALES[scale.lower()] if scale else 0
    whole, part = whole + part[:zeros].ljust(zeros, "0"), part[zeros:].rstrip("0")
    whole = whole.lstrip("0") or "0"
    return f"{whole}.{part}" if part else whole
