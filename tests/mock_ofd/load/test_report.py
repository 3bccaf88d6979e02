"""The report of a run: its keys, its nulls, and the schema that is published."""

import json

import pytest
from pydantic import ValidationError

from mock_ofd.load.report import Comparison, Report, Verdict, as_json, is_sound, read_json, runs_of, schemas, verdict_of
from mock_ofd.load.result import Percentiles
from tests.docs.load_tables import SCHEMA, schema
from tests.mock_ofd.load.books import NOTHING, comparison, faulty, foreign, report, storm

KEYS = {
    "registers",
    "documents_sent",
    "documents_acknowledged",
    "lost",
    "doubled",
    "out_of_order",
    "late",
    "drain_s",
    "documents_per_s",
    "latency_ms",
    "delay_ms",
    "wait_ms",
    "server",
    "generator",
    "reference",
    "scenario",
    "ticks",
    "queue_peak",
    "put_off",
    "faulty",
    "errors",
    "version",
    "machine",
}
"""What others rely on."""


def test_the_keys_that_others_rely_on():
    told = json.loads(as_json(report()))
    assert told.keys() >= KEYS
    for spread in ("latency_ms", "delay_ms", "wait_ms"):
        assert told[spread].keys() == {"count", "p50", "p90", "p99", "p999", "max"}
    assert told["server"] == {"cpu_s": 9.51, "rss_max_mb": 212.5}
    assert told["generator"] == {"cpu_s": 2.346}
    assert told["reference"] == {"echo_per_s": 52_000.0, "ratio": 0.41}
    assert told["ticks"][0].keys() >= {"at_s", "backlog", "acknowledged", "connects", "queued", "latency_ms"}


def test_the_figures_are_those_of_the_result():
    result = storm(drain_s=11.12345, documents_per_s=8_989.04)
    told = report(result)
    assert (told.drain_s, told.documents_per_s) == (11.123, 8_989.0)
    assert told.latency_ms.model_dump() == {
        name: getattr(result.latency_ms, name) for name in Percentiles.__struct_fields__
    }
    assert len(told.ticks) == len(result.ticks)
    assert told.ticks[3].backlog == result.ticks[3].backlog


def test_what_was_not_measured_is_null():
    told = json.loads(as_json(report(foreign(wait_ms=NOTHING))))
    for name in ("lost", "doubled", "out_of_order", "queue_peak", "server", "reference"):
        assert told[name] is None, name
    assert told["wait_ms"] == {"count": 0, "p50": None, "p90": None, "p99": None, "p999": None, "max": None}
    assert told["late"] == 0
    assert told["drain_s"] == 11.75


def test_without_an_answer_there_is_no_time_of_the_last_one():
    told = report(storm(documents_acknowledged=0, drain_s=0.0, documents_per_s=0.0, complete=False))
    assert (told.drain_s, told.documents_per_s) == (None, None)


@pytest.mark.parametrize(
    ("result", "verdict", "sound"),
    [
        (storm(), Verdict.PROVEN, True),
        (foreign(), Verdict.DELIVERED, True),
        (storm(complete=False, documents_acknowledged=17), Verdict.STOPPED, False),
        (storm(complete=False, documents_acknowledged=17, lost=1), Verdict.FAILED, False),
        (storm(complete=False, documents_acknowledged=17, late=1), Verdict.FAILED, False),
        (storm(documents_acknowledged=99_999), Verdict.FAILED, False),
        (storm(late=1), Verdict.FAILED, True),
        (storm(lost=1), Verdict.FAILED, False),
        (storm(doubled=1), Verdict.FAILED, False),
        (storm(out_of_order=1), Verdict.FAILED, False),
        (faulty(), Verdict.FAILED, False),
    ],
)
def test_the_verdict(result, verdict, sound):
    assert verdict_of(result, is_stopped=not result.complete) == verdict
    assert is_sound(report(result)) is sound


@pytest.mark.parametrize(
    "made", [report(), report(faulty()), report(foreign()), comparison(), comparison(complete=False)]
)
def test_a_report_can_be_read_again(made):
    assert read_json(as_json(made)) == made


def test_a_report_from_before_the_load_counted_itself_is_read():
    plain = json.loads(as_json(report()))
    del plain["generator"]
    assert read_json(json.dumps(plain)) == report(storm(generator_cpu_s=None))


@pytest.mark.parametrize("text", ['{"report": "mock-ofd load"}', '{"report": "other"}', "{}"])
def test_another_object_is_no_report(text):
    with pytest.raises(ValidationError):
        read_json(text)


def test_the_runs_of_a_report():
    assert [name for name, _ in runs_of(report())] == [""]
    assert [name for name, _ in runs_of(comparison())] == ["none", "full", "paced"]


def test_the_published_schema_is_that_of_the_models():
    assert SCHEMA.read_text("utf-8") == schema(), "run: python -m tests.docs.write"


@pytest.mark.parametrize("model", [Report, Comparison])
def test_every_key_of_the_schema_is_explained(model):
    definitions = schemas()["$defs"]
    for name, definition in definitions.items():
        for key, described in definition.get("properties", {}).items():
            assert described.get("description"), f"{name}.{key}"
    assert definitions[model.__name__]["additionalProperties"] is False
