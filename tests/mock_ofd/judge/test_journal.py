"""Journals that any client can write: both forms say the same, and what is wrong is named with its line."""

import io

import pytest

from fiscal.judging.events import OPERATORS, What
from fiscal.wire.given import Bounds
from mock_ofd.judge.journal import COLUMNS, WORDS, BadLine, events, json_rows, read_journal
from mock_ofd.judge.limits import LINE_MAX
from tests.documents import T0
from tests.mock_ofd.judge.lines import clock

JSONL = f"""\
{{"register": "till-1", "event": "issued", "at": "{clock(0)}", "number": 1, "id": "a1", "digest": "ff", "key": "order 7"}}

{{"register": "till-1", "event": "autonomous", "at": {T0 + 5}, "number": 1, "autonomous_sign": 501, "period": 2, "mine": [1]}}
{{"register": "till-1", "event": "period_reported", "period": 2, "begin": {T0}, "end": "{clock(9)}"}}
{{"register": "till-1", "event": "answered", "number": 1, "sign": "123456789012", "text": "ночь"}}
"""

CSV = f"""\
event,register,number,id,at,digest,key,autonomous_sign,period,begin,end,sign,text,mine
issued,till-1,1,a1,{clock(0)},ff,order 7,,,,,,,x
autonomous,till-1,1,,{T0 + 5},,,501,2,,,,,x
period_reported,till-1,,,,,,,2,{clock(0)},{T0 + 9},,,
answered,till-1,1,,,,,,,,,123456789012,ночь,
"""


def read(tmp_path, name, text, encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return list(read_journal(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_both_forms_say_the_same(tmp_path, encoding):
    lines, cells = read(tmp_path, "till.jsonl", JSONL, encoding), read(tmp_path, "till.csv", CSV, encoding)
    assert [event.line for event in lines] == [1, 3, 4, 5]
    assert [event.line for event in cells] == [2, 3, 4, 5]
    assert [each._replace(source="", line=0) for each in lines] == [each._replace(source="", line=0) for each in cells]
    issued, alone, report, answered = lines
    assert (issued.what, issued.register, issued.number, issued.id) == (What.ISSUED, "till-1", 1, "a1")
    assert (issued.at, issued.digest, issued.same_sale, issued.place) == (T0, "ff", "order 7", "till.jsonl:1")
    assert (alone.at, alone.autonomous_sign, alone.period) == (T0 + 5, 501, 2)
    assert (report.period, report.begin, report.end) == (2, T0, T0 + 9)
    assert (answered.sign, answered.text) == ("123456789012", "ночь")


BAD = {
    "nonsense": "is no JSON",
    "[" * 60_000: "is no JSON",
    "x" * 100_000: "is longer than 65,536 bytes",
    "[1]": "must be an object",
    '{"register": "t", "number": 1}': "event: must be one of issued, sent, ",
    '{"register": "t", "number": 1, "event": "recorded"}': "event: must be one of",
    '{"register": "t", "number": 1, "event": ["issued"]}': "event: must be one of",
    '{"event": "issued", "number": 1}': "register: is missing",
    '{"register": 1.5, "event": "issued", "number": 1}': "register: must be a text",
    '{"register": "t", "event": "issued"}': "number: is missing; issued needs the document's number, or its id",
    '{"register": "t", "event": "continued", "id": "a"}': "number: is missing",
    '{"register": "t", "event": "period_reported", "number": 1}': "period: is missing; period_reported needs it",
    '{"register": "t", "event": "issued", "number": -1}': "number: must be a whole number from 0, is -1",
    '{"register": "t", "event": "issued", "number": true}': "number: must be a whole number",
    '{"register": "t", "event": "issued", "number": "1.0"}': "number: must be a whole number",
    '{"register": "t", "event": "issued", "number": "%s"}' % ("9" * 5000): "number: must be a whole number",
    '{"register": "t", "event": "issued", "number": 1, "at": "yesterday"}': "at: must be milliseconds or RFC 3339",
    '{"register": "t", "event": "issued", "number": 1, "at": "2026-01-01T00:00:00"}': "at: must be milliseconds or",
    '{"register": "t", "event": "issued", "number": 1, "at": 999999999999999}': "at: is after the year 9999",
    '{"register": "t", "event": "issued", "number": 1, "at": 1.5}': "at: must be a whole number",
}


@pytest.mark.parametrize("row", BAD, ids=lambda row: row[:80])
def test_what_is_no_line_is_named(row):
    with pytest.raises(BadLine) as caught:
        list(events("till.jsonl", json_rows(io.BytesIO(f"\n{row}\n".encode()))))
    assert str(caught.value).startswith("till.jsonl:2: ")
    assert BAD[row] in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(BadLine, match="cannot be read"):
        list(read_journal(tmp_path / "nothing.jsonl"))
    for name in ("bytes.csv", "bytes.jsonl"):
        (tmp_path / name).write_bytes(b"\n\xff\xfe,1\n")
        with pytest.raises(BadLine, match=f"^{name}:2: is no UTF-8: invalid start byte$"):
            list(read_journal(tmp_path / name))


HEAD = "event,register,number\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "x" * 70_000 + ",till-1,1\n", "huge.csv:2: is longer than 65,536 bytes"),
        (HEAD + '"' + "x\n" * 40_000, "huge.csv:32769: is longer than 65,536 bytes with the lines before it"),
        (HEAD + '"' + '","\n' * 20_000, "huge.csv:16385: is longer than 65,536 bytes with the lines before it"),
        (HEAD + 'issued,till-1,"1\n', "huge.csv:2: number: must be a whole number"),
        (HEAD + "issued,till-1,1\rissued,till-1,2\n", "huge.csv:2: new-line character seen in unquoted field"),
    ],
)
def test_a_row_that_is_too_large_or_none(tmp_path, text, said):
    with pytest.raises(BadLine) as caught:
        read(tmp_path, "huge.csv", text)
    assert str(caught.value).startswith(said)


def test_rows_are_counted_anew_and_may_be_empty(tmp_path):
    text = "\n" + HEAD + "\n" * 70_000 + 'issued,"till-1",1\n' * 5_000
    heard = read(tmp_path, "long.csv", text)
    assert (len(heard), heard[0].line, heard[-1].line) == (5_000, 70_003, 75_002)


def test_too_many_lines_and_too_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("mock_ofd.judge.journal.BOUNDS", Bounds(LINE_MAX, 2, 60))
    for name, text in (("till.jsonl", "\n\n\n"), ("till.csv", HEAD + "\n\n")):
        with pytest.raises(BadLine, match=f"^{name}:3: is one too many: a file may have 2 lines$"):
            read(tmp_path, name, text)
    row = '{"register": "till-1", "event": "issued", "number": 1}\n'
    with pytest.raises(BadLine, match=r"^till\.jsonl:2: is too much: a file may have 60 bytes$"):
        read(tmp_path, "till.jsonl", row * 2)


def test_the_words_are_those_of_clients():
    assert set(WORDS) == set(What) - OPERATORS
    assert len(COLUMNS) == len(set(COLUMNS))
