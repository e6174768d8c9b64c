"""The record of an audit and its file, audit.json: what was found in a data set, worst first."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from lentigo.errors import DataError
from lentigo.metrics import Estimate
from lentigo.storage import read_json, write_json

__all__ = [
    "LEVELS",
    "SCHEMA_VERSION",
    "Audit",
    "DataTable",
    "Doubt",
    "Finding",
    "Flag",
    "Level",
    "Pair",
    "ShortcutScore",
    "SkinTone",
    "Step",
]

SCHEMA_VERSION: Final = 2  # 1 held the flow only

Level = Literal["error", "warning", "note"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a reader of the audit should know.

    Args:
        code: what it is, stable across versions: "leak.picture", "shortcut.border".
        level: "error": figures of this data set cannot be believed; "warning": look at it; "note": good to know.
        title: a sentence with the count in it.
        detail: what that means, with the numbers behind it; may be empty.
        remedy: what to do about it; may be empty.
        images: ids of the images concerned, all of them where they can be listed.

    Example:
        >>> Finding("leak.picture", "error", "2 pictures stand in both train and test.").images
        ()
    """

    code: str
    level: Level
    title: str
    detail: str = ""
    remedy: str = ""
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two images that show the same picture.

    Args:
        first: image_id of the one earlier in the manifest.
        second: image_id of the other.
        kind: the same file ("bytes"), the same decoded pixels ("pixels"), or the same photograph changed ("near").
        similarity: correlation of the two pictures after alignment, up to 1.
        change: what makes the second of the first, in words: "mirrored, turned 90°"; empty for none.
        splits: the split of each, None without one.
        targets: the class of each.

    Example:
        >>> Pair("a", "b", "near", 0.98, "mirrored", ("train", "test"), ("NV", "NV")).is_leak
        True
    """

    first: str
    second: str
    kind: Literal["bytes", "pixels", "near"]
    similarity: float
    change: str
    splits: tuple[str | None, str | None]
    targets: tuple[str, str]

    @property
    def is_leak(self) -> bool:
        """Whether the two stand in different splits."""
        return self.splits[0] != self.splits[1]

    @property
    def is_conflict(self) -> bool:
        """Whether the two have different classes."""
        return self.targets[0] != self.targets[1]


@dataclass(frozen=True, slots=True)
class ShortcutScore:
    """How well the malignant side can be told from something that is not the lesion.

    Args:
        name: what was looked at: "border ring".
        key: the same in one word: "border".
        auroc: cross-validated, with the interval over lesions.
        n_features: how many numbers an image it came from.
        strongest: the single number that says most: "mean blue of the ring".

    Example:
        >>> ShortcutScore("file", "file", Estimate(0.7, 0.6, 0.8, n=100), 9, "bytes a pixel").key
        'file'
    """

    name: str
    key: str
    auroc: Estimate
    n_features: int
    strongest: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An image whose label the rest of the data contradicts.

    Args:
        image: its image_id.
        target: the label it has.
        suggested: the label the others suggest.
        self_confidence: out-of-fold probability of its own label, 0 to 1; the least believable come first.

    Example:
        >>> Doubt("a", "NV", "MEL", 0.03).suggested
        'MEL'
    """

    image: str
    target: str
    suggested: str
    self_confidence: float


@dataclass(frozen=True, slots=True)
class Flag:
    """How often one flaw of quality occurs.

    Args:
        key: "ruler".
        name: "with a ruler".
        n_images: images that have it.
        share: of all readable images, 0 to 1.
        by_class: (images, of) a class.
        by_split: (images, of) a split; empty without splits.
        p_value: that it is as frequent in all classes (Fisher's or chi-squared test); NaN when it cannot be tested.
        images: ids of those that have it most clearly, at most 24.

    Example:
        >>> Flag("ruler", "with a ruler", 3, 0.3, {"benign": (0, 5), "malignant": (3, 5)}, {}, 0.17, ("a",)).n_images
        3
    """

    key: str
    name: str
    n_images: int
    share: float
    by_class: dict[str, tuple[int, int]]
    by_split: dict[str, tuple[int, int]]
    p_value: float
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkinTone:
    """Estimated tone of the skin around the lesions (individual typology angle, ITA).

    Args:
        counts: images a class of tone, lightest first; "uncertain" last.
        median: ITA in degrees; NaN when none could be estimated.
        uncertainty: typical half width of the interval of one image's ITA, in degrees.

    Example:
        >>> SkinTone({"light": 3, "uncertain": 1}, 44.0, 9.0).median
        44.0
    """

    counts: dict[str, int]
    median: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the images' way from found to split; exclusions are negative.

    Example:
        >>> Step("unreadable", -2).n_images
        -2
    """

    step: str
    n_images: int


@dataclass(frozen=True, slots=True)
class DataTable:
    """Images by the values of one column and by class.

    Args:
        column: "sex"; ages come in bands.
        rows: value, then images a class; the missing value is "unknown" and comes last.

    Example:
        >>> DataTable("sex", {"female": {"MEL": 1, "NV": 2}}).column
        'sex'
    """

    column: str
    rows: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

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
    pairs: tuple[Pair, ...]
    n_pairs: int
    shortcuts: tuple[ShortcutScore, ...]
    doubts: tuple[Doubt, ...]
    flags: tuple[Flag, ...]
    skin_tone: SkinTone
    flow: tuple[Step, ...]
    tables: tuple[DataTable, ...]

    @property
    def worst(self) -> Level | None:
        """The level of the worst finding; None without any."""
        return min((finding.level for finding in self.findings), key=LEVELS.index, default=None)

    @property
    def strongest_shortcut(self) -> ShortcutScore | None:
        """The single group that tells the class best, without "all together"; None when nothing was scored."""
        single = [score for score in self.shortcuts if score.key != "all" and score.auroc.is_defined]
        return max(single, key=lambda score: score.auroc.value, default=None)

    def json(self) -> dict[str, Any]:
        """Return the audit as JSON values."""
        payload = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(self)}
        payload["shortcuts"] = [{**dataclasses.asdict(score), "auroc": score.auroc.json()} for score in self.shortcuts]
        return payload

    def write(self, path: Path) -> None:
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
                    Pair(**{**item, "splits": tuple(item["splits"]), "targets": tuple(item["targets"])})
                    for item in payload["pairs"]
                ),
                "shortcuts": tuple(ShortcutScore(**score) for score in shortcuts),
                "doubts": tuple(Doubt(**item) for item in payload["doubts"]),
                "flags": tuple(_flag(item) for item in payload["flags"]),
                "skin_tone": SkinTone(tone["counts"], _number(tone["median"]), _number(tone["uncertainty"])),
                "flow": tuple(Step(**item) for item in payload["flow"]),
                "tables": tuple(DataTable(**item) for item in payload["tables"]),
            }
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the audit in a file.

        Raises:
            DataError: the file is missing, or no audit of this version.
        """
        payload = read_json(path)
        if payload.get("schema_version") != SCHEMA_VERSION:
            raise DataError(f"{path} is no audit of version {SCHEMA_VERSION}. Write it again with 'lentigo audit'.")
        return cls.from_json(payload)


def _flag(payload: Mapping[str, Any]) -> Flag:
    counts = {
        key: {name: (int(n), int(of)) for name, (n, of) in payload[key].items()} for key in ("by_class", "by_split")
    }
    return Flag(**{**payload, **counts, "p_value": _number(payload["p_value"]), "images": tuple(payload["images"])})


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)
