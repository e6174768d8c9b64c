"""From what the engine says to what stands in a response: plain values, NaN as null, pictures as data URIs."""

import base64
import io
import re
from dataclasses import asdict
from typing import Any

from PIL import Image

from lentigo.bundle.overlay import draw_map
from lentigo.bundle.record import CALIBRATED_ON
from lentigo.bundle.runtime import Seen
from lentigo.storage import jsonable
from lentigo.web.engine import Case, Engine, Explained
from lentigo.web.patients import compare_lesions
from lentigo.web.shown import about_service
from lentigo.web.shown import preview as preview_of

__all__ = ["describe_model", "explained", "monitored", "outcomes_kept", "patient", "predicted", "preview", "similar"]


def predicted(engine: Engine, cases: list[Case], prevalence: float | None) -> dict[str, Any]:
    """Return the reply to /v1/predict."""
    answers = [_answer(case) for case in cases]
    return _plain(engine, {"answers": answers, "operating_point": _point(engine, prevalence)})


def patient(engine: Engine, cases: list[Case], prevalence: float | None) -> dict[str, Any]:
    """Return the reply to /v1/patient."""
    distances, odd = compare_lesions([case.embedding for case in cases])
    answers = [
        {**_answer(case), "stands_out": None if distance is None else asdict(distance)}
        for case, distance in zip(cases, distances, strict=True)
    ]
    point = _point(engine, prevalence)
    return _plain(engine, {"answers": answers, "operating_point": point, "odd_one_out": odd})


def similar(engine: Engine, case: Case, n_cases: int) -> dict[str, Any]:
    """Return the reply to /v1/similar."""
    return _plain(engine, {"similar_cases": _with_pictures(engine, engine.similar(case, n_cases))})


def explained(engine: Engine, found: Explained, prevalence: float | None) -> dict[str, Any]:
    """Return the reply to /v1/explain."""
    why = found.explanation
    picture, box = draw_map(why.map, why.size, engine.bundle.record.image.fit)
    told = {
        "answer": _answer(found.case),
        "explained_class": why.target,
        "method": why.method,
        "sanity": why.sanity.json(),
        "map_words": why.sanity.sentence(),
        "similar_cases": _with_pictures(engine, list(why.similar)),
        "map": {"png": _data_uri(picture), "box": box},
        "operating_point": _point(engine, prevalence),
    }
    return _plain(engine, told)


def preview(engine: Engine, seen: Seen) -> dict[str, Any]:
    """Return the reply to /v1/preview."""
    return _plain(engine, preview_of(seen, engine.bundle.record.image.fit))


def describe_model(engine: Engine) -> dict[str, Any]:
    """Return the reply to /v1/model: all of bundle.json, what its threshold reaches, and nothing of where it lies."""
    record = engine.bundle.record
    told = {"schema_version": 1, "model_sha256": engine.journal.model_sha256, **record.json()}
    return dict(
        jsonable(
            {
                **told,
                "reached": record.reached(),
                "headline": record.headline().json(),
                "service": about_service(engine.settings),
            }
        )
    )


def monitored(engine: Engine, figures: dict[str, Any]) -> dict[str, Any]:
    """Return the reply to /v1/monitor."""
    return _plain(engine, figures)


def outcomes_kept(received: int, kept: int, figures: dict[str, Any]) -> dict[str, Any]:
    """Return the reply to /v1/outcomes."""
    return dict(jsonable({"schema_version": 1, "received": received, "kept": kept, "outcomes": figures}))


def _plain(engine: Engine, told: dict[str, Any]) -> dict[str, Any]:
    about = {
        "schema_version": 1,
        "model": engine.bundle.record.name,
        "model_sha256": engine.journal.model_sha256,
    }
    return dict(jsonable({**about, **told}))


def _answer(case: Case) -> dict[str, Any]:
    return {"answer_id": case.answer_id, **case.answer.json()}


def _point(engine: Engine, prevalence: float | None) -> dict[str, Any]:
    point = engine.bundle.record.operating_points[0]
    wanted = re.fullmatch(r"sensitivity_(\d{2})", point.name)
    return {
        **point.json(),
        **engine.bundle.record.reached(),
        "threshold": engine.bundle.threshold(prevalence),
        "wanted_sensitivity": int(wanted[1]) / 100 if wanted else None,
        "chosen_on": "calibration" if CALIBRATED_ON in engine.bundle.record.data else "validation",
        "n": None,
    }


def _with_pictures(engine: Engine, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    references = engine.bundle.references
    if references is None or references.pictures is None:
        return [{**case, "picture": None} for case in cases]
    rows = {name: row for row, name in enumerate(references.image_id)}
    return [
        {**case, "picture": _data_uri(Image.fromarray(references.pictures[rows[case["image_id"]]]))} for case in cases
    ]


def _data_uri(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
