"""The record of an audit and its file, audit.json: what was found in a data set, worst first."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from lentigo.errors import DataError
from lentigo.model.decision import Estimate
from lentigo.notebook import table_html, table_text
from lentigo.storage import read_json, write_json
from lentigo.study.auditing._findings import (
    LEVELS,
    DataTable,
    DuplicatePair,
    Finding,
    FlowStep,
    LabelError,
    Level,
    QualityFlag,
    ShortcutScore,
    SkinTone,
)

SCHEMA_VERSION: Final = 2  # 1 held the flow only


@dataclass(frozen=True, slots=True)
class Audit:
    """The findings of an audit.

    Args:
        data: name of the data set.
        n_images: images in the manifest.
        n_readable: of them readable.
        classes: in order.
        malignant: those on the malignant side.
        unit: what was kept together in cross-validation: "patient", "lesion" or "image".
        findings: worst first.
        pairs: images that show the same picture; leaks and conflicts first.
        n_pairs: how many there are, also where `pairs` was cut to the first thousand.
        shortcuts: one score a group of numbers, all together last; empty with one class or few images.
        doubts: suspected label errors, worst first.
        flags: flaws of quality.
        skin_tone: estimated.
        flow: from found to split.
        tables: by class and source, sex, age band, site, skin tone.

    Example:
        >>> Audit.read(run / "audit.json").findings[0].level in LEVELS
        True
    """

    data: str
    n_images: int
    n_readable: int
    classes: tuple[str, ...]
    malignant: tuple[str, ...]
    unit: str
    findings: tuple[Finding, ...]
    pairs: tuple[DuplicatePair, ...]
    n_pairs: int
    shortcuts: tuple[ShortcutScore, ...]
    doubts: tuple[LabelError, ...]
    flags: tuple[QualityFlag, ...]
    skin_tone: SkinTone
    flow: tuple[FlowStep, ...]
    tables: tuple[DataTable, ...]

    def __repr__(self) -> str:
        return table_text("Audit", self._summary())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: how much was found, and the worst of it."""
        return table_html("Audit", self._summary())

    def _summary(self) -> dict[str, object]:
        levels = [finding.level for finding in self.findings]
        counts = ", ".join(f"{levels.count(level)} {level}" for level in LEVELS if level in levels) or "none"
        rows: dict[str, object] = {
            "data": self.data,
            "images": f"{self.n_images:,} ({self.n_readable:,} readable)",
            "findings": counts,
        }
        return rows | {f"{n}.": finding.title for n, finding in enumerate(self.findings[:3], 1)}

    @property
    def worst(self) -> Level | None:
        """The level of the worst finding; None without any."""
        return min((finding.level for finding in self.findings), key=LEVELS.index, default=None)

    @property
    def strongest_shortcut(self) -> ShortcutScore | None:
        """The single group that separates the classes best, without "all together"; None when nothing was scored."""
        single = [score for score in self.shortcuts if score.key != "all" and score.auroc.is_defined]
        return max(single, key=lambda score: score.auroc.value, default=None)

    def json(self) -> dict[str, Any]:
        """Return the audit as JSON values."""
        payload = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(self)}
        payload["shortcuts"] = [{**dataclasses.asdict(score), "auroc": score.auroc.json()} for score in self.shortcuts]
        return payload

    def write(self, path: str | Path) -> None:
        """Write audit.json."""
        write_json(path, self.json())

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Self:
        """Return the audit that `json` described."""
        shortcuts = [{**score, "auroc": Estimate.from_json(score["auroc"])} for score in payload["shortcuts"]]
        fields: dict[str, Any] = {field.name: payload[field.name] for field in dataclasses.fields(cls)}
        tone = payload["skin_tone"]
        return cls(
            **fields
            | {
                "classes": tuple(payload["classes"]),
                "malignant": tuple(payload["malignant"]),
                "findings": tuple(Finding(**{**item, "images": tuple(item["images"])}) for item in payload["findings"]),
                "pairs": tuple(
                    DuplicatePair(**{**item, "splits": tuple(item["splits"]), "targets": tuple(item["targets"])})
                    for item in payload["pairs"]
                ),
                "shortcuts": tuple(ShortcutScore(**score) for score in shortcuts),
                "doubts": tuple(LabelError(**item) for item in payload["doubts"]),
                "flags": tuple(_flag(item) for item in payload["flags"]),
                "skin_tone": SkinTone(tone["counts"], _number(tone["median"]), _number(tone["uncertainty"])),
                "flow": tuple(FlowStep(**item) for item in payload["flow"]),
                "tables": tuple(DataTable(**item) for item in payload["tables"]),
            }
        )

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Return the audit in a file.

        Raises:
            DataError: the file is missing, or no audit of this version.
        """
        payload = read_json(path)
        if payload.get("schema_version") != SCHEMA_VERSION:
            raise DataError(f"{path} is not an audit of version {SCHEMA_VERSION}. Write it again with 'lentigo audit'.")
        return cls.from_json(payload)


def _flag(payload: Mapping[str, Any]) -> QualityFlag:
    counts = {
        key: {name: (int(n), int(of)) for name, (n, of) in payload[key].items()} for key in ("by_class", "by_split")
    }
    return QualityFlag(
        **{**payload, **counts, "p_value": _number(payload["p_value"]), "images": tuple(payload["images"])}
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
