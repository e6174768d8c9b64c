"""What schemathesis makes of the service's OpenAPI document: what it allows, and what it forbids."""

import time
import warnings
from collections.abc import Iterator

from .talking import CODES


def schema_inputs(port: int, seed: int, n_examples: int) -> Iterator[tuple[str, int, float, list[str]]]:
    """Yield kind, status, seconds and faults of each request."""
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from schemathesis import GenerationMode

    base = f"http://127.0.0.1:{port}"
    document = schemathesis.openapi.from_url(f"{base}/openapi.json")
    rows: list[tuple[str, int, float, list[str]]] = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for operation in (found.ok() for found in document.get_all_operations()):

            @seeded(seed)
            @settings(
                max_examples=n_examples,
                deadline=None,
                database=None,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: "schemathesis.Case") -> None:
                start = time.monotonic()
                reply = case.call(base_url=base, timeout=40)
                wrong = []
                if reply.status_code >= 500 and reply.status_code != 503:
                    wrong = [f"schemathesis: {case.method} {case.path}: {reply.status_code}"]
                elif reply.status_code >= 400 and reply.json()["error"]["code"] not in CODES:
                    wrong = [f"schemathesis: {case.method} {case.path}: {reply.json()}"]
                rows.append((f"schema: {mode.value}", reply.status_code, time.monotonic() - start, wrong))

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    ask()
                except Exception as error:  # noqa: BLE001 - a strategy may be empty: nothing to negate
                    if "Unsatisfiable" not in type(error).__name__ and "SkipTest" not in type(error).__name__:
                        rows.append(
                            (f"schema: {mode.value}", 0, 0.0, [f"{operation.label}: {type(error).__name__}: {error}"])
                        )
    yield from rows
