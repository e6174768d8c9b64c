"""What schemathesis makes of the service's OpenAPI document: what it allows, and what it forbids."""

import time
import warnings
from collections.abc import Iterator
from typing import Any

from .talking import CODES

Row = tuple[str, int, float, list[str]]


def schema_inputs(port: int, seed: int, n_examples: int) -> Iterator[Row]:
    """Yield kind, status, seconds and faults of each request."""
    import schemathesis
    from schemathesis import GenerationMode

    base = f"http://127.0.0.1:{port}"
    document = schemathesis.openapi.from_url(f"{base}/openapi.json")
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in (found.ok() for found in document.get_all_operations()):
            yield from _asked(operation, mode, base, seed, n_examples)


def _asked(operation: Any, mode: Any, base: str, seed: int, n_examples: int) -> list[Row]:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    rows: list[Row] = []
    checks = list(HealthCheck)

    @seeded(seed)
    @settings(
        max_examples=n_examples, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=checks
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        start = time.monotonic()
        reply = case.call(base_url=base, timeout=150)
        rows.append((f"schema: {mode.value}", reply.status_code, time.monotonic() - start, _faults(case, reply)))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - a strategy may be empty: nothing to negate
            if type(error).__name__ not in {"Unsatisfiable", "SkipTest"}:
                rows.append((f"schema: {mode.value}", 0, 0.0, [f"{operation.label}: {type(error).__name__}: {error}"]))
    return rows


def _faults(case: Any, reply: Any) -> list[str]:
    if reply.status_code >= 500 and reply.status_code != 503:
        return [f"schemathesis: {case.method} {case.path}: {reply.status_code}"]
    if reply.status_code >= 400 and reply.json()["error"]["code"] not in CODES:
        return [f"schemathesis: {case.method} {case.path}: {reply.json()}"]
    return []
