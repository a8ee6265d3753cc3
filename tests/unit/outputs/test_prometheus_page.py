import threading

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gharial.outputs.prometheus_names import Naming, parse_trend_statistic
from gharial.outputs.prometheus_page import PrometheusPage

NAMING = Naming(trend_statistics=(parse_trend_statistic("p(95)"),))  # type: ignore[arg-type]


def text_of(page):
    registry = CollectorRegistry()
    registry.register(page)
    return generate_latest(registry).decode()


def test_the_page_shows_the_totals(batch_of):
    page = PrometheusPage(("127.0.0.1", 0), NAMING)
    assert text_of(page) == ""
    tags = {"name": 'a "b"\n\\c', "empty": ""}
    for second in range(2):
        page.write(
            batch_of(
                second,
                ("ws_msgs_sent", "counter", 2, tags),
                ("ws_msgs_sent", "counter", 1, {}),
                ("spent", "time", 500, tags),
            )
        )
    families = {
        each.name: each for each in text_string_to_metric_families(text_of(page))
    }
    assert {name: each.type for name, each in families.items()} == {
        "k6_ws_msgs_sent": "counter",
        "k6_spent_p95": "gauge",
    }
    sent = {
        tuple(each.labels.items()): each for each in families["k6_ws_msgs_sent"].samples
    }
    assert {labels: each.value for labels, each in sent.items()} == {
        (("name", 'a "b"\n\\c'),): 4,
        (): 2,
    }
    assert families["k6_ws_msgs_sent"].documentation == "Data messages sent."
    [spent] = families["k6_spent_p95"].samples
    assert spent.value == 0.5


class Server:
    """Notes what it is told instead of serving."""

    def __init__(self):
        self.told = []

    def shutdown(self):
        self.told.append("shutdown")

    def server_close(self):
        self.told.append("close")


def test_the_end_waits_for_a_last_fetch(end_of, monkeypatch, facts):
    server = Server()
    page = PrometheusPage(("127.0.0.1", 0), NAMING, linger_s=60)
    ready = threading.Event()
    monkeypatch.setattr(
        "gharial.outputs.prometheus_page.start_http_server",
        lambda port, host, registry: (server, threading.Thread(target=ready.wait)),
    )
    page.start(facts)
    page._thread.start()
    ready.set()
    text_of(page)
    stopping = threading.Thread(target=page.stop, args=(end_of(),))
    stopping.start()
    # A page that was fetched before the end is not the last one.
    assert server.told == []
    while stopping.is_alive():
        text_of(page)
    assert server.told == ["shutdown", "close"]
