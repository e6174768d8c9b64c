"""Figures about the running service for Prometheus, in a registry of its own: two services in a process differ."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lentigo.model import BENIGN_LOOKING, CANNOT_ASSESS, REFER, Answer, BundleRecord, reason_keys

SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
SIZES: Final = (1, 2, 4, 8, 16, 32, 64)


class Meters:
    """Counters and histograms of one service.

    Args:
        record: of the bundle; its name and hash become labels of `lentigo_model_info`.

    Example:
        >>> meters = Meters(open_model(bundle_folder).record)
        >>> "lentigo_worker_restarts_total 0.0" in meters.text().decode()
        True
    """

    def __init__(self, record: BundleRecord) -> None:
        self.registry = CollectorRegistry()

        def count(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"lentigo_{name}", words, labels, registry=self.registry)

        def spread(name: str, words: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"lentigo_{name}", words, labels, buckets=buckets, registry=self.registry)

        self.requests = count("requests", "Requests by route and status.", "method", "route", "status")
        self.seconds = spread("request_seconds", "From a request's head to its answer's end.", SECONDS, "route")
        self.images = count("images", "Photographs answered, by decision.", "decision")
        self.reasons = count("reasons", "Why photographs could not be assessed.", "reason")
        self.unreadable = count("unreadable_images", "Photographs that could not be decoded, by code.", "code")
        self.restarts = count("worker_restarts", "Decoding processes that had to be replaced.")
        self.batch = spread("batch_size", "Photographs through the network at once.", SIZES)
        for decision in (REFER, BENIGN_LOOKING, CANNOT_ASSESS):
            self.images.labels(decision)
        for key in reason_keys(record).values():
            self.reasons.labels(key)
        self._keys = reason_keys(record)

    def count(self, answer: Answer) -> None:
        """Count one answer."""
        self.images.labels(answer.decision).inc()
        for reason in answer.reasons:
            self.reasons.labels(self._keys.get(reason, "other")).inc()
        if answer.error_code:
            self.unreadable.labels(answer.error_code).inc()

    def watch(self, gauges: Callable[[], dict[str, tuple[str, float]]]) -> None:
        """Add figures that are read when they are asked for: name to help text and value."""
        self.registry.register(_Gauges(gauges))

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    def __init__(self, gauges: Callable[[], dict[str, tuple[str, float]]]) -> None:
        self.gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges as they stand."""
        for name, (words, value) in self.gauges().items():
            yield GaugeMetricFamily(name, words, value=value)


def memory_bytes(pid: int | None = None) -> float:
    """Return the resident memory of a process, this one when left out; 0 where the system does not tell.

    Example:
        >>> memory_bytes() > 1e6
        True
    """
    try:
        pages = int(Path(f"/proc/{pid or os.getpid()}/statm").read_text(encoding="ascii").split()[1])
        return float(pages * os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, IndexError):
        return 0.0
