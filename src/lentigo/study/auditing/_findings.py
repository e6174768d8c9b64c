"""What an audit is made of: findings, pairs, scores, doubts, flaws, tones, and tables; `record` holds them together."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

from lentigo.model.decision import Estimate

Level = Literal["error", "warning", "note"]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)
UNUSED_IDS: Final = "group.unused"
"""Code of the finding of a column that behaves like an id and is not used."""
HOLDS_LESION: Final = frozenset({"colour", "artefacts", "all"})
"""Keys of the shortcuts in whose numbers the lesion has a part: never an error."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of the audit.

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
class DuplicatePair:
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
        >>> DuplicatePair("a", "b", "near", 0.98, "mirrored", ("train", "test"), ("NV", "NV")).is_leak
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
class LabelError:
    """An image whose label the rest of the data contradicts.

    Args:
        image: its image_id.
        target: the label it has.
        suggested: the label the others suggest.
        self_confidence: out-of-fold probability of its own label, 0 to 1; the least believable come first.

    Example:
        >>> LabelError("a", "NV", "MEL", 0.03).suggested
        'MEL'
    """

    image: str
    target: str
    suggested: str
    self_confidence: float


@dataclass(frozen=True, slots=True)
class QualityFlag:
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
        >>> by_class = {"benign": (0, 5), "malignant": (3, 5)}
        >>> QualityFlag("ruler", "with a ruler", 3, 0.3, by_class, {}, 0.17, ("a",)).n_images
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
class FlowStep:
    """One step of the images' way from found to split; exclusions are negative.

    Example:
        >>> FlowStep("unreadable", -2).n_images
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
