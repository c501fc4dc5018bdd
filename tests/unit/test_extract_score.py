"""`bench/extract_score.py`: what it counts as right, on corpora small enough to count by hand."""

import json
import re
from pathlib import Path

import pytest

from bench.extract_score import figures, main, profile_of, read, tally

TIMEML = [
    {
        "id": "one",
        "dct": "2013-03-22",
        "text": "He came on Friday and left for three days.",
        "gold": [
            {"start": 11, "end": 17, "type": "DATE", "value": "2013-03-22"},
            {"start": 27, "end": 41, "type": "DURATION", "value": "P4D"},
        ],
    },
    {"id": "two", "dct": "2013-03-22", "text": "It opened in 1999.", "gold": []},
]
DATES = [
    {
        "id": "one",
        "dct": "2024-04-08",
        "text": "It will be ready by 2025.",
        "gold": [{"start": 17, "end": 24, "edtf": "../2025", "modality": "scheduled"}],
    }
]


def scores(corpus: object) -> dict[str, float]:
    documents = read(corpus)
    counts = [tally(document, profile_of(documents)).counts for document in documents]
    return {name.strip(): value for name, value, _, _ in figures(counts)}


def test_spans_values_and_types_are_scored_as_in_tempeval() -> None:
    found = scores(TIMEML)

    assert found["span F1, relaxed"] == pytest.approx(2 * 2 / (2 + 3))  # Both of the gold; "1999" is too much.
    assert found["span F1, strict"] == pytest.approx(2 * 1 / (2 + 3))  # "for" is not ours to tag.
    assert found["value F1"] == pytest.approx(2 * 1 / (2 + 3))
    assert found["type F1"] == pytest.approx(2 * 2 / (2 + 3))


def test_a_corpus_with_edtf_is_scored_by_edtf() -> None:
    found = scores(DATES)

    assert found["EDTF accuracy"] == 1
    assert "value F1" not in found


def test_a_reading_that_is_not_the_golds_is_a_miss() -> None:
    (document,) = read([DATES[0] | {"gold": [{"start": 17, "end": 24, "edtf": "2025"}]}])

    assert any("../2025 for 2025" in miss for miss in tally(document, "dates").misses)


def test_ends_of_recognizers_are_inclusive_and_any_of_its_values_is_right() -> None:
    values = [{"timex": "XXXX-05-06", "value": "2015-05-06"}, {"timex": "XXXX-05-06", "value": "2016-05-06"}]
    result = {"text": "may 6", "type": "datetimeV2.date", "start": 12, "end": 16, "values": values}

    (document,) = read({"cases": [{"input": "I will go on May 6", "reference": "2016-03-01", "results": [result]}]})

    assert (document.gold[0].end, document.gold[0].type) == (17, "DATE")
    assert "2016-05-06" in document.gold[0].values


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        ({"texts": []}, "a corpus is a list of documents"),
        ([{"id": "one"}], "missing required field `dct` - at `$[0]`"),
        ([DATES[0] | {"dct": "2024-13-01"}], "'2024-13-01' is no day"),
        ([DATES[0] | {"gold": [{"start": 17, "end": 99, "edtf": "2025"}]}], "document one: 17 to 99 is no part"),
        ([DATES[0] | {"gold": [{"start": 17, "end": 24, "edtf": "20x5"}]}], "document one: '20x5' is no EDTF date"),
        ([], "it has no documents"),
    ],
)
def test_what_is_no_corpus_is_refused_and_says_where(tmp_path: Path, corpus: object, said: str) -> None:
    path = tmp_path / "corpus.json"
    path.write_text(json.dumps(corpus))

    with pytest.raises(SystemExit, match=re.escape(said)):
        main([str(path)])


def test_modality_alone_can_be_scored() -> None:
    found = scores([DATES[0] | {"gold": [{"start": 17, "end": 24, "modality": "committed"}]}])

    assert found["modality accuracy"] == 1
    assert "EDTF accuracy" not in found


def test_an_interval_is_the_same_every_time() -> None:
    counts = [tally(document, "timeml").counts for document in read(TIMEML)]

    assert list(figures(counts)) == list(figures(counts))


def test_the_program_prints_figures_and_misses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus.json"
    corpus.write_text(json.dumps({"documents": TIMEML}))

    main([str(corpus), "--misses", "1"])

    printed = capsys.readouterr().out
    assert "value F1" in printed
    assert "one: value: P3D for P4D" in printed
    assert "… and 1 more misses" in printed
