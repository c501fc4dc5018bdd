"""How to cite what is recorded, as strict readers of each format take it."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from api.exports.citing import Work, as_bibtex, as_csl, as_ris, as_text
from api.exports.export import one_line
from tests.exporting import HOME, drawn, texts

SCHEMA: Any = json.loads((Path(__file__).parents[1] / "data" / "csl-data.schema.json").read_text(encoding="utf-8"))
TEX = {
    r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^", **{f"\\{sign}": sign for sign in "#$%&_"},
}  # fmt: skip


def work(title: str = "The visit", license: str = "CC BY 4.0") -> Work:
    return Work(
        id="announcements:visit:57",
        title=one_line(title),
        collection="Dateline",
        position=57,
        recorded_at="2024-04-20T12:04:00.000000Z",
        permalink=f"{HOME}/announcements/visit?as_of=57",
        license=one_line(license),
    )


def bibtex(text: str) -> tuple[str, dict[str, str]]:
    """Read one entry, counting braces as BibTeX does, which knows no escapes."""
    head = re.match(r"@misc\{([^\s,{}]+),\n", text)
    assert head is not None
    fields, at = {}, head.end()
    while text[at] != "}":
        name = re.compile(r"  ([a-z]+) = \{").match(text, at)
        assert name is not None, text[at:]
        start = at = name.end()
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        fields[name[1]] = text[start : at - 1]
        at += 2 if text[at] == "," else 1
    assert text[at:] == "}\n"
    return head[1], fields


def plain(tex: str) -> str:
    return re.sub(r"\\text[a-z]+\{\}|\\.", lambda sign: TEX[sign[0]], tex)


def ris(text: str) -> dict[str, str]:
    lines = text.split("\r\n")
    assert lines[-1] == ""
    read = [re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line) for line in lines[:-1]]
    found = {match[1]: match[2] for match in read if match}
    assert len(found) == len(lines) - 1
    assert (read[0] and read[0][1], read[-1] and read[-1][1]) == ("TY", "ER")
    return found


def test_a_line_to_copy() -> None:
    assert as_text(work()) == (
        "“The visit”. Dateline. As recorded up to entry 57, 20 April 2024, 12:04 UTC. Data: CC BY 4.0."
        f" {HOME}/announcements/visit?as_of=57\n"
    )


@pytest.mark.torture
@drawn
@given(texts, texts)
def test_csl_json_is_what_its_schema_says(title: str, license: str) -> None:
    read = json.loads(as_csl(work(title, license)))

    jsonschema.Draft202012Validator(SCHEMA).validate(read)
    assert read[0]["title"] == one_line(title)
    assert read[0]["issued"] == {"date-parts": [[2024, 4, 20]]}


@pytest.mark.torture
@drawn
@given(texts, texts)
def test_bibtex_has_one_entry_whose_braces_match(title: str, license: str) -> None:
    key, fields = bibtex(as_bibtex(work(title, license)))

    assert key == "announcements:visit:57"
    assert plain(fields["title"].removeprefix("{").removesuffix("}")) == one_line(title)
    assert fields["url"] == f"{HOME}/announcements/visit?as_of=57"
    assert (fields["year"], fields["month"], fields["day"]) == ("2024", "4", "20")


@pytest.mark.torture
@drawn
@given(texts, texts)
def test_ris_has_one_record(title: str, license: str) -> None:
    read = ris(as_ris(work(title, license)))

    assert read["TI"] == one_line(title)
    assert (read["UR"], read["DA"]) == (f"{HOME}/announcements/visit?as_of=57", "2024/04/20/")
    assert read["N1"].startswith("As recorded up to entry 57")
