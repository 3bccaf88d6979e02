"""What is counted comes out in the form that Prometheus reads."""

from prometheus_client.parser import text_string_to_metric_families

from ofd_server.metrics import Histogram, PrometheusMetrics


def exposed(metrics):
    content_type, text = metrics.exposition()
    assert content_type.startswith("text/plain")
    samples = {}
    for family in text_string_to_metric_families(text.decode()):
        for sample in family.samples:
            samples[sample.name, *sample.labels.values()] = sample.value
    return samples


def test_a_value_lies_under_its_bound():
    histogram = Histogram((1, 2))
    for value in (0.5, 1, 1.5, 2, 3):
        histogram.observe(value)
    assert histogram.buckets() == [("1.0", 2.0), ("2.0", 4.0), ("+Inf", 5.0)]
    assert histogram.sum == 8


def test_everything_that_is_counted():
    metrics = PrometheusMetrics("9.9", {"mock_ofd_something": ("A gauge.", lambda: 7)})
    metrics.answered("accepted", 0.003)
    metrics.answered("accepted", 5.0)
    metrics.answered("refused", 0.25, 4)
    metrics.answered("silent", 6.0)
    metrics.committed(3, 0.002)
    metrics.late()
    metrics.autonomous()
    metrics.sessions(1)
    metrics.sessions(1)
    metrics.sessions(-1)
    samples = exposed(metrics)
    assert samples["mock_ofd_answers_total", "accepted"] == 2
    assert samples["mock_ofd_answers_total", "silent"] == 1
    assert samples["mock_ofd_answers_total", "refused"] == 4
    assert samples["mock_ofd_answer_seconds_bucket", "0.005"] == 1
    # 5.0 s is in time (S3-13), so it is not counted above the bound of 5 s.
    assert samples["mock_ofd_answer_seconds_bucket", "5.0"] == 6
    assert samples["mock_ofd_answer_seconds_count",] == 7
    assert samples["mock_ofd_answer_seconds_sum",] == 12.003
    assert samples["mock_ofd_commit_decisions_bucket", "4.0"] == 1
    assert samples["mock_ofd_commit_seconds_sum",] == 0.002
    assert samples["mock_ofd_late_answers_total",] == 1
    assert samples["mock_ofd_autonomous_documents_total",] == 1
    assert samples["mock_ofd_open_sessions",] == 1
    assert samples["mock_ofd_something",] == 7
    assert samples["mock_ofd_build_info", "9.9"] == 1


def test_two_servers_in_one_process_do_not_count_together():
    one, other = PrometheusMetrics("1"), PrometheusMetrics("2")
    one.late()
    assert exposed(other)["mock_ofd_late_answers_total",] == 0
