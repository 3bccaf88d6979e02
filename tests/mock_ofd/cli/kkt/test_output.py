import io
import json
import os
import sys

import pytest

from mock_ofd.cli.kkt.output import Output, Unwritten, standard


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Full(io.StringIO):
    def write(self, text):
        raise OSError(28, "No space left on device")


def output(*, as_json=False, out=None, err=None):
    return Output(as_json=as_json, out=out or io.StringIO(), err=err or io.StringIO())


def test_the_result_is_text_or_json():
    out = io.StringIO()
    output(out=out).show({"sum": 5}, "пять\n")
    output(as_json=True, out=out).show({"name": "пять"}, "пять\n")
    assert out.getvalue() == 'пять\n{"name": "пять"}\n'


def test_an_alarm_rings_on_a_terminal_and_stands_out_in_a_log():
    terminal, log = Terminal(), io.StringIO()
    output(err=terminal).alarm("Автономный режим")
    output(err=log).alarm("Автономный режим")
    assert terminal.getvalue().startswith("\a\x1b[1;7m")
    assert log.getvalue() == "!!! Автономный режим\n"


def test_only_a_person_is_shown_how_far_something_is():
    assert output(err=Terminal()).is_watched
    assert not output().is_watched
    assert not output(as_json=True, err=Terminal()).is_watched


@pytest.mark.parametrize(
    "text",
    ["operator: 'native://h:1?id=a&token=s3cret' is no address", "native://h:1?token=s3cret&id=a", "token=s3cret"],
)
def test_a_token_is_not_repeated(text):
    err = io.StringIO()
    output(err=err).say(text)
    assert "s3cret" not in err.getvalue()
    assert "token=…" in err.getvalue()


def test_a_result_that_nobody_can_take_is_an_error_of_its_own():
    with pytest.raises(Unwritten, match="done, but its output could not be written: standard output: No space left"):
        output(out=Full()).show({}, "x")


def test_a_page_that_cannot_be_written_is_one_too(tmp_path):
    with pytest.raises(Unwritten, match="Is a directory"):
        output().page(tmp_path, "<html>")
    output().page(tmp_path / "чек.html", "<p>чек")
    assert (tmp_path / "чек.html").read_text(encoding="utf-8") == "<p>чек"


def test_who_shut_standard_error_is_not_told_anything():
    output(err=Full()).say("x")


def test_a_shut_pipe_is_let_go_of():
    reading, writing = os.pipe()
    os.close(reading)
    pipe = os.fdopen(writing, "w", encoding="utf-8")
    with pytest.raises(Unwritten, match="Broken pipe"):
        output(out=pipe).show({}, "x" * 10)
    pipe.close()  # Python would complain here of what could not be flushed


def test_a_sign_that_the_encoding_does_not_know_is_no_error(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1251"))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    standard(as_json=False).show({}, "Отметки ✔✔\n")
    assert raw.getvalue().decode("cp1251") == "Отметки ??\n"


def test_json_is_one_line_whatever_a_name_holds():
    out = io.StringIO()
    output(as_json=True, out=out).show({"name": "a\nb"}, "")
    (line,) = out.getvalue().splitlines()
    assert json.loads(line) == {"name": "a\nb"}
