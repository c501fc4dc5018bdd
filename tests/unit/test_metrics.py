"""Metrics: exactly those of the table, and with few labels whatever is asked."""

from prometheus_client.parser import text_string_to_metric_families

from api.metrics import LOOKED_UP, METRICS, Metrics, Values

VALUES: Values = {metric.name: {metric.labels: 1} if metric.labels else 1 for metric in LOOKED_UP}


def exported(metrics: Metrics) -> dict[str, tuple[str, str, set[str]]]:
    """Return type, help and labels of every family that is exported, by its name in the table."""
    families = {}
    for family in text_string_to_metric_families(metrics.text(VALUES).decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        families[name] = (family.type, family.documentation, labels)
    return families


def test_what_is_exported_is_what_the_table_says() -> None:
    metrics = Metrics()
    metrics.answered("GET", "/v1/log", 200, 0.01)
    metrics.refusals["not-found"] += 1

    found = exported(metrics)

    assert found.keys() == {metric.name for metric in METRICS}
    for metric in METRICS:
        kind, help_, labels = found[metric.name]
        assert (kind, labels) == (metric.type, set(metric.labels))
        assert metric.name.startswith("process_") or help_ == metric.help


def test_names_made_up_by_clients_make_no_series() -> None:
    metrics = Metrics()
    metrics.answered("BREW", None, 404, 0.01)
    before = len(metrics.text(VALUES).splitlines())

    for number in range(50):
        metrics.answered(f"BREW{number}", None, 404, 0.01)

    assert len(metrics.text(VALUES).splitlines()) == before


def test_a_stream_has_no_duration() -> None:
    metrics = Metrics()

    metrics.answered("GET", "/v1/feed", 200, None)

    assert 'dateline_http_requests_total{method="GET",route="/v1/feed",status="2xx"} 1.0' in metrics.text({}).decode()
    assert 'duration_seconds_count{method="GET",route="/v1/feed"} 0.0' in metrics.text({}).decode()
