"""Drift as /v1/monitor gives it: scores somewhat shifted, and one reason more frequent than at export."""

from typing import Any


def _share(value: float | None, low: float | None, high: float | None, count: int, n: int) -> dict[str, Any]:
    return {"value": value, "low": low, "high": high, "count": count, "n": n}


def _rate(kind: str, name: str, words: str, expected: float | None, *seen: Any) -> dict[str, Any]:
    return {"kind": kind, "name": name, "words": words, "expected": expected, **_share(*seen, 640)}


def _day(day: int) -> dict[str, Any]:
    busy = day % 7
    decisions = {"refer": 10 + 2 * busy, "benign-looking": 8 + 2 * busy, "cannot assess": 2 + busy}
    return {"day": f"2026-11-{day:02d}", "answers": sum(decisions.values()), **decisions}


DRIFT: dict[str, Any] = {
    "model": "small",
    "model_sha256": "0" * 64,
    "window": {"n": 640, "most": 1000, "first_day": "2026-11-02", "last_day": "2026-11-24"},
    "scores": {
        "edges": [0.01, 0.02, 0.05, 0.08, 0.12, 0.2, 0.35, 0.5, 0.8],
        "observed": [40, 52, 60, 58, 70, 72, 84, 80, 66, 58],
        "reference": [0.1] * 10,
        "psi": 0.147,
        "psi_by_chance": 0.044,
        "verdict": "moderate",
        "note": "The distribution of scores differs somewhat from that of the validation images.",
    },
    "rates": [
        _rate("decision", "refer", "refer", 0.41, 0.5, 0.461, 0.539, 320),
        _rate("decision", "benign-looking", "benign-looking", 0.43, 0.4, 0.363, 0.438, 256),
        _rate("decision", "cannot assess", "cannot assess", None, 0.1, 0.079, 0.126, 64),
        _rate("reason", "blurred", "out of focus", 0.001, 0.05, 0.036, 0.07, 32),
        _rate("reason", "odd", "unlike all training images", 0.01, 0.0125, 0.006, 0.024, 8),
        _rate("reason", "unreadable", "not decoded", None, 0.0, 0.0, 0.006, 0),
    ],
    "outcomes": {
        "n": 60,
        "most": 1000,
        "not_assessed": 4,
        "sensitivity": {**_share(0.9375, 0.799, 0.983, 30, 32), "at_export": {"value": 0.95, "low": 0.9, "high": 0.98}},
        "specificity": {**_share(None, None, None, 0, 0), "at_export": {"value": 0.8, "low": 0.7, "high": 0.9}},
        "note": "Only lesions whose outcome was reported count.",
    },
    "days": [_day(day) for day in range(2, 25)],
}
