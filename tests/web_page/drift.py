"""Drift as /v1/monitor gives it, written down by hand: scores somewhat shifted, one reason more frequent than at export."""

from typing import Any

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
        "note": "The scores are spread somewhat differently than on validation images.",
    },
    "rates": [
        {"kind": "decision", "name": "refer", "words": "refer", "expected": 0.41, "value": 0.5, "low": 0.461, "high": 0.539, "count": 320, "n": 640},
        {"kind": "decision", "name": "benign-looking", "words": "benign-looking", "expected": 0.43, "value": 0.4, "low": 0.363, "high": 0.438, "count": 256, "n": 640},
        {"kind": "decision", "name": "cannot assess", "words": "cannot assess", "expected": None, "value": 0.1, "low": 0.079, "high": 0.126, "count": 64, "n": 640},
        {"kind": "reason", "name": "blurred", "words": "out of focus", "expected": 0.001, "value": 0.05, "low": 0.036, "high": 0.07, "count": 32, "n": 640},
        {"kind": "reason", "name": "odd", "words": "unlike everything it has learned from", "expected": 0.01, "value": 0.0125, "low": 0.006, "high": 0.024, "count": 8, "n": 640},
        {"kind": "reason", "name": "unreadable", "words": "not decoded", "expected": None, "value": 0.0, "low": 0.0, "high": 0.006, "count": 0, "n": 640},
    ],
    "outcomes": {
        "n": 60, "most": 1000, "not_assessed": 4,
        "sensitivity": {"value": 0.9375, "low": 0.799, "high": 0.983, "count": 30, "n": 32, "at_export": {"value": 0.95, "low": 0.9, "high": 0.98}},
        "specificity": {"value": None, "low": None, "high": None, "count": 0, "n": 0, "at_export": {"value": 0.8, "low": 0.7, "high": 0.9}},
        "note": "Only lesions whose outcome was reported count.",
    },
    "days": [{"day": f"2026-11-{day:02d}", "answers": 20 + day % 7 * 5, "refer": 10 + day % 7 * 2, "benign-looking": 8 + day % 7 * 2, "cannot assess": 2 + day % 7} for day in range(2, 25)],
}  # fmt: skip
