"""What calibration.json holds: the fields of a `Calibration` out of its JSON, of this version and the one before."""

from collections.abc import Mapping
from typing import Any, Final

from lentigo.model import Fields
from lentigo.model.decision import ClassRule, OperatingPoint, ProbabilityMap
from lentigo.numbers.calibration._choosing import Candidate
from lentigo.numbers.calibration._conformal import Conformal
from lentigo.numbers.calibration._selective import ChosenBand
from lentigo.numbers.calibration._source_temperature import LeftOutSource

SCHEMA_VERSION: Final = 2
READABLE: Final = (1, 2)  # 1: a temperature and operating points for sensitivities, nothing else
PLAIN: Final = (
    "nll_before", "nll_after", "ece_before", "ece_after", "n_images", "prevalence", "source_sha256", "images_sha256",
    "intervals",
)  # fmt: skip


def fields_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the `Calibration` that `json` wrote."""
    points = Fields(payload, "calibration.json").records("operating_points", OperatingPoint.from_fields)
    first = points[0]
    since_version_2 = {"prevalence": first.n_malignant / (first.n_malignant + first.n_benign), "images_sha256": None}
    plain = {name: payload.get(name, since_version_2[name]) if name in since_version_2 else payload[name]
             for name in PLAIN}  # fmt: skip
    band, sets = payload.get("low_confidence"), payload.get("conformal")
    return plain | {
        "probability_map": ProbabilityMap.from_json({**payload, **payload.get("parameters", {})}),
        "operating_points": points,
        "classes": tuple(payload["classes"]),
        "malignant_classes": tuple(payload["malignant_classes"]),
        "candidates": tuple(map(Candidate.from_json, payload.get("candidates", ()))),
        "left_out": tuple(map(LeftOutSource.from_json, payload.get("left_out", ()))),
        "low_confidence": band and ChosenBand.from_json(band),
        "conformal": sets and Conformal.from_json(sets),
        "class_rule": Fields(payload, "calibration.json").record("class_rule", ClassRule.from_fields)
        if payload.get("class_rule")
        else None,
    }


def map_as_json(found: ProbabilityMap) -> dict[str, Any]:
    """Return the map as calibration.json has it: the temperature at its own place, null for the other methods."""
    numbers = found.json()
    method, temperature = numbers.pop("method"), numbers.pop("temperature", None)
    return {"method": method, "temperature": temperature, "parameters": numbers}
