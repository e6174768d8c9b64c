"""JSON schemas of the files that lentigo writes, made from its records: `python -m lentigo.cli._schemas docs/schemas`.

A record's fields and types are the schema; what its JSON form has in another way stands in `_different`. A test
validates files of real runs and bundles with every key closed, so that a new field cannot be forgotten.
"""

import dataclasses
import json
import sys
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
NUMBER: Final = {"type": ["number", "null"]}  # null where it is undefined
PLAIN: Final[Mapping[Any, dict[str, Any]]] = {
    bool: {"type": "boolean"}, int: {"type": "integer"}, float: NUMBER, str: {"type": "string"}, Any: {},
    type(None): {"type": "null"}, object: {}, Path: {"type": "string"},
}  # fmt: skip
VERSION: Final = {"schema_version": {"type": "integer", "minimum": 1}}


class _Schemas:
    """The definitions of one file."""

    def __init__(self, different: Mapping[str, Mapping[str, Any]]) -> None:
        self.different = different
        self.found: dict[str, Any] = {}

    def of(self, hint: Any) -> dict[str, Any]:
        """Return the schema of a type."""
        if dataclasses.is_dataclass(hint):
            return self._record(typing.cast("type[Any]", hint))
        if hint in PLAIN:
            return dict(PLAIN[hint])
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            return {"enum": list(inner)}
        if origin in {typing.Union, types.UnionType}:
            return self._any_of([self.of(one) for one in inner])
        if origin is np.ndarray or hint is np.ndarray:
            return {"type": "array"}
        if not inner:  # a type that is not in the file, which `_different` has to say
            return {}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if origin is tuple and inner[-1] is not Ellipsis:
            return {"type": "array", "prefixItems": [self.of(one) for one in inner]}
        return {"type": "array", "items": self.of(inner[0])}

    @staticmethod
    def _any_of(choices: list[dict[str, Any]]) -> dict[str, Any]:
        return choices[0] if len(choices) == 1 else {"anyOf": choices}

    def _record(self, cls: type[Any]) -> dict[str, Any]:
        name = cls.__name__
        if name not in self.found:
            self.found[name] = {}  # a record may hold records of its own kind
            changed = self.different.get(name, {})
            hints = typing.get_type_hints(cls)
            fields = [field for field in dataclasses.fields(cls) if changed.get(field.name, {}) is not None]
            properties = {field.name: changed.get(field.name) or self.of(hints[field.name]) for field in fields}
            renamed = {key: self.of(hints[value]) for key, value in changed.items() if isinstance(value, str)}
            further = {key: value for key, value in changed.items() if key not in properties and value is not None}
            properties |= further | renamed
            needed = [
                field.name
                for field in fields
                if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
            ]
            needed += list(renamed)
            about = (cls.__doc__ or "").strip().partition("\n")[0]
            self.found[name] = {
                "type": "object",
                "description": about,
                "properties": properties,
                "required": [key for key in needed if "optional" not in properties[key]],
            }
            for value in properties.values():
                value.pop("optional", None)
        return {"$ref": f"#/$defs/{name}"}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each file, by the file's name without its ending."""
    from lentigo.model import BundleRecord
    from lentigo.numbers.calibration import Calibration
    from lentigo.numbers.evaluation import Comparison, Evaluation, ExternalTest, Leaderboard, LookAtTest
    from lentigo.study.auditing import Audit
    from lentigo.study.stressing import StressReport

    records = {
        "audit": Audit, "bundle": BundleRecord, "calibration": Calibration, "comparison": Comparison,
        "evaluation": Evaluation, "external": ExternalTest, "looks": LookAtTest, "stress": StressReport,
    }  # fmt: skip
    found = {name: _file(name, record) for name, record in records.items()}
    found["score"] = _score()
    found["sweep"] = _sweep(_file("leaderboard", Leaderboard))
    return dict(sorted(found.items()))


def _file(name: str, record: type[Any]) -> dict[str, Any]:
    made = _Schemas(_different())
    made.of(record)
    return _closed(name, made.found.pop(record.__name__), made.found)


def _closed(name: str, whole: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    title = "one line of looks.jsonl" if name == "looks" else f"{name}.json"
    properties = {**VERSION, **{key: value for key, value in whole["properties"].items() if key != "schema_version"}}
    needed = ["schema_version", *(key for key in whole["required"] if key != "schema_version")]
    return {
        "$schema": DRAFT, "$id": f"{name}.json", "title": title, **whole, "properties": properties, "required": needed,
        "$defs": dict(sorted(definitions.items())),
    }  # fmt: skip


def _different() -> dict[str, dict[str, Any]]:
    """Return what stands in the JSON form of a record in another way than in the record, by the record's name.

    None stands for a field that the JSON form has not, and a text for the field that a key of the JSON form holds.
    """
    numbers = {"type": "array", "items": NUMBER}
    text, share = {"type": "string"}, {"type": "number", "minimum": 0, "maximum": 1}
    count = {"type": "integer", "minimum": 0}
    resampled = {"unit": text, "n_units": count, "n_resamples": count, "confidence": share}
    probability_map = {
        "type": "object",
        "properties": {"method": {"enum": ["temperature", "vector", "isotonic"]}, "temperature": {"type": "number"},
                       **{name: {"type": "array"} for name in ("weights", "bias", "scale", "knots", "values")}},
    }  # fmt: skip
    file = {"type": "object", "properties": {"bytes": {"type": "integer"}, "sha256": text}}
    return {
        "Curve": dict.fromkeys(("x", "y", "low", "high"), numbers),
        "Estimate": {"n": {"type": ["integer", "null"], "optional": True}, "reason": {"type": ["string", "null"]}},
        "BundleRecord": {
            "decision": None,
            "fusion": {"type": "object"},
            "lesion": {"type": "object"},
            "measured": {"type": "array", "items": {"type": "object"}},
            "reduced": None,
            "reduced_precision": {"type": "array", "items": {"type": "object"}},
            "classes": {"type": "array", "items": text},
            "malignant_classes": {"type": "array", "items": text},
            "calibration": probability_map,
            "operating_points": {"type": "array", "items": {"type": "object"}},
            "low_confidence": {"type": ["object", "null"]},
            "prevalence": share,
            "class_rule": {"type": "object"},
            "files": {"type": "object", "additionalProperties": file},
            "seal": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
        "Calibration": {
            "probability_map": None,
            "method": {"enum": ["temperature", "vector", "isotonic"]},
            "temperature": {"type": ["number", "null"]},
            "parameters": {"type": "object"},
        },
        "Conformal": {"method": text, "guarantee": text},
        "Comparison": {
            "delong_p": None,
            "rocs": None,
            "delong": {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("value", "low", "high", "p_value"), NUMBER),
                    "n": {"type": "integer"},
                    "reason": {"type": ["string", "null"]},
                },
            },
        },
        "Evaluation": {
            "headline": text,
            "confusion": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            "over_sources": {"type": "object"},
        },
        "StressReport": {
            **dict.fromkeys(("endured", *resampled), None),
            "corruptions": "endured",
            "resampling": {"type": "object", "properties": resampled, "required": list(resampled)},
        },
        "CorruptionResult": {"cells": None, "strengths": "cells"},
        "Leaderboard": {"ranked_by": {"enum": ["auroc"]}},
        "DecisionFigures": {"contrasts": {"type": ["array", "null"], "items": {"type": "object"}}},
        "Subgroups": {"worst": {"type": ["object", "null"]}},
    }


def _score() -> dict[str, Any]:
    """Return the schema of score.json, which is written from what a job counted and not from one record."""
    text, count, number = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "number"}
    counts = ("n_images", "n_errors", "n_refused", "n_refer", "n_benign_looking", "n_asked", "n_computed_again")
    table = {"type": "object", "properties": {"file": text, "n_images": count, "sha256": text}}
    properties = {
        "finished": text,
        "bundle": {"type": "object", "properties": {"name": text, "place": text, "sha256": text}},
        "source": {"type": "object", "properties": {"place": text, "n_images": count, "sha256": text}},
        "prevalence": {"type": ["number", "null"]},
        "threshold": number,
        "columns": {"type": "array", "items": text},
        **dict.fromkeys(counts, count),
        "tables": {"type": "array", "items": table},
        "engine": {"enum": ["local", "ray"]},
        "workers": count,
        "versions": {"type": "object", "additionalProperties": text},
        "seconds": number,
        "images_per_s": NUMBER,
        **dict.fromkeys(("runtime", "runtime_version", "precision"), text),
    }
    needed = ["finished", "bundle", "source", "columns", "n_images", "n_errors", "tables"]
    about = "The result of 'lentigo score': what was predicted, with what, and the hash of every table."
    return _closed("score", {"type": "object", "description": about, "properties": properties, "required": needed}, {})


def _sweep(board: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of sweep.json, which holds a leaderboard."""
    run = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "changes": {"type": "object"}, "seconds": {"type": "number"}},
    }
    leaderboard = {key: board[key] for key in ("type", "description", "properties", "required")}
    properties = {
        "judged_on": {"enum": ["validation", "out-of-fold"]},
        "grid": {"type": "object", "additionalProperties": {"type": "array"}},
        "runs": {"type": "array", "items": run},
        "best": {"type": "string"},
        "is_decided": {"type": "boolean"},
        "leaderboard": leaderboard,
    }
    about = "The runs of 'lentigo train --sweep', ranked on validation images."
    whole = {"type": "object", "description": about, "properties": properties, "required": list(properties)}
    return _closed("sweep", whole, board["$defs"])


def main(folder: str) -> None:
    """Write all schemas into a folder."""
    for name, schema in schemas().items():
        Path(folder, f"{name}.json").write_text(
            json.dumps(schema, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main(sys.argv[1])
