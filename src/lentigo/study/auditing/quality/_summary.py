"""Flags over a data set: how often, in which class and split, and what a reader should do about it.

A ruler on a melanoma is not a fault of the picture. It becomes one when benign lesions have none: then a network learns
rulers. So the difference between the two sides is judged apart from how often a flag occurs.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.study.auditing._findings import Finding, QualityFlag
from lentigo.study.auditing.quality._rules import RULES
from lentigo.wording import counted, percent_text

MOST_EXAMPLES: Final = 24
RELEVANT: Final = 0.10  # difference of the two sides' shares from which a network gains by looking at the flag
EXTREME: Final = 0.50  # from which the flag alone makes a classifier
# After Holm's correction over all flags. Images of one patient share skin and device: with half as many independent
# ones as the test believes, it stands for 0.0005; at 0.001 hair was a shortcut in one of 20 harmless phantom sets.
SIGNIFICANCE: Final = 1e-6
WORTH_A_NOTE: Final = 0.01  # of the images
MOSTLY: Final = 0.5  # share from which fewer images are left than the flag takes away

Counts = Mapping[str, tuple[int, int]]


def summarize_flags(
    flags: pd.DataFrame, quality: pd.DataFrame, manifest: Manifest, is_readable: npt.NDArray[np.bool_]
) -> tuple[QualityFlag, ...]:
    """Return how often each flag is raised among the readable images, by class and by split.

    Args:
        flags: one boolean column a flag, rows as in `manifest`.
        quality: the measures behind them.
        manifest: the images.
        is_readable: shape (N,); the others are not counted.

    Example:
        >>> manifest = Manifest(pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"]}), origin="memory")
        >>> raised, measured = pd.DataFrame({"hair": [True]}), pd.DataFrame({"hair": [0.2]})
        >>> summarize_flags(raised, measured, manifest, np.array([True]))[0].by_class
        {'NV': (1, 1)}
    """
    table = manifest.table[is_readable]
    splits = [name for name in SPLITS if (table["split"] == name).any()]
    summaries = []
    for rule in RULES:
        if rule.key not in flags:
            continue
        raised = flags.loc[is_readable, rule.key].to_numpy(dtype=bool)
        clarity = quality.loc[is_readable, rule.measure].to_numpy(dtype=float) * (1 if rule.is_high else -1)
        rows = np.flatnonzero(raised)
        clearest = rows[np.argsort(-clarity[rows], kind="stable")][:MOST_EXAMPLES]
        by_class = _count(raised, table["target"], manifest.classes)
        summaries.append(
            QualityFlag(
                rule.key,
                rule.name,
                int(raised.sum()),
                float(raised.mean()) if len(raised) else float("nan"),
                by_class,
                _count(raised, table["split"], splits),
                _p_value(by_class),
                tuple(table["image_id"].iloc[clearest]),
            )
        )
    return tuple(summaries)


def quality_findings(flags: Sequence[QualityFlag], *, malignant: Sequence[str]) -> list[Finding]:
    """Return what follows from the flags: artefacts that tell the side, and flaws that are frequent.

    Args:
        flags: of `summarize_flags`.
        malignant: the classes on the malignant side.

    Example:
        >>> by_class = {"benign": (4, 100), "malignant": (59, 100)}
        >>> ruler = QualityFlag("ruler", "with a ruler", 63, 0.32, by_class, {}, 0.0)
        >>> [(finding.code, finding.level) for finding in quality_findings([ruler], malignant=["malignant"])]
        [('shortcut.artefact.ruler', 'error')]
    """
    sides = {flag.key: _sides(flag, malignant) for flag in flags}
    p_values = {key: _p_value(counts) for key, counts in sides.items()}
    significant = _holm(p_values)
    findings = []
    for flag in flags:
        if flag.key in significant and abs(_difference(sides[flag.key])) >= RELEVANT:
            findings.append(_shortcut(flag, sides[flag.key], p_values[flag.key]))
        elif flag.share >= WORTH_A_NOTE:
            findings.append(_flaw(flag))
    return findings


def _shortcut(flag: QualityFlag, sides: Counts, p_value: float) -> Finding:
    shares = {side: percent_text(n / of) for side, (n, of) in sides.items()}
    classes = ", ".join(f"{name} {n:,} of {of:,}" for name, (n, of) in flag.by_class.items() if of)
    p_text = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return Finding(
        f"shortcut.artefact.{flag.key}",
        "error" if abs(_difference(sides)) >= EXTREME else "warning",
        f"{shares['malignant']} of malignant and {shares['benign']} of benign images {_SHOWS[flag.key]}.",
        f"By class: {classes} ({p_text}, each image taken as independent). "
        f"A network can learn this instead of the lesion.{_listed(flag)}",
        _CURE.get(flag.key, _BALANCE),
        flag.images,
    )


def _flaw(flag: QualityFlag) -> Finding:
    most = next(rule.most for rule in RULES if rule.key == flag.key)
    is_too_many = flag.share > most
    return Finding(
        f"quality.{flag.key}",
        "warning" if is_too_many else "note",
        f"{counted(flag.n_images, 'image')} ({_percent(flag.share)}) {_SHOWS[flag.key]}.",
        f"{f'More than {most:.0%} is unusual.' * is_too_many}{_listed(flag)}".strip(),
        _too_many(flag.share) if is_too_many else "",
        flag.images,
    )


def _listed(flag: QualityFlag) -> str:
    """Return that not all images are listed; empty where they are."""
    shown = len(flag.images)
    return (
        f" {counted(shown, 'image is', 'images are')} listed, those that show it most clearly first."
        if 0 < shown < flag.n_images
        else ""
    )


def _too_many(share: float) -> str:
    if share == 1:
        return "Use the originals, if there are any; there are no other images to evaluate the model on."
    if share > MOSTLY:
        return (
            "Use the originals, if there are any; there are too few other images to evaluate the model without these."
        )
    return "Review the clearest of them, and evaluate the model without them."


def _percent(share: float) -> str:
    return percent_text(share, 1 if share < 0.1 else 0)


def _count(raised: npt.NDArray[np.bool_], labels: "pd.Series[str]", names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return (raised, all) of each label that occurs."""
    counts = {}
    for name in names:
        has_label = (labels == name).to_numpy(dtype=bool)
        counts[name] = (int(raised[has_label].sum()), int(has_label.sum()))
    return counts


def _sides(flag: QualityFlag, malignant: Sequence[str]) -> Counts:
    sides = {"benign": (0, 0), "malignant": (0, 0)}
    for name, (n, of) in flag.by_class.items():
        side = "malignant" if name in malignant else "benign"
        sides[side] = (sides[side][0] + n, sides[side][1] + of)
    return sides


def _difference(sides: Counts) -> float:
    (n_benign, benign), (n_malignant, malignant) = sides["benign"], sides["malignant"]
    return n_malignant / malignant - n_benign / benign if benign and malignant else 0.0


def _p_value(counts: Counts) -> float:
    """Return Fisher's exact p-value of two groups, the chi-squared one of more; NaN when nothing can differ."""
    from scipy import stats  # a second of imports that the processes of a survey can do without

    table = np.array([(n, of - n) for n, of in counts.values() if of])
    if len(table) < 2 or not table.sum(axis=0).all():
        return float("nan")
    if len(table) == 2:
        return float(stats.fisher_exact(table).pvalue)
    return float(stats.chi2_contingency(table).pvalue)


def _holm(p_values: Mapping[str, float]) -> set[str]:
    """Return the keys that stay significant after Holm's correction (1979) over all that could be tested."""
    ordered = sorted((p, key) for key, p in p_values.items() if not np.isnan(p))
    significant = set()
    for rank, (p, key) in enumerate(ordered):
        if p >= SIGNIFICANCE / (len(ordered) - rank):
            break
        significant.add(key)
    return significant


_SHOWS: Final = {
    "tiny": "have a side under 112 pixels",
    "grey": "have no colour",
    "blurred": "are out of focus",
    "under_exposed": "are under-exposed",
    "over_exposed": "are over-exposed",
    "colour_cast": "have a colour cast",
    "dark_corners": "have dark corners",
    "ruler": "show a ruler",
    "ink": "show ink or stickers",
    "hair": "show hair",
    "text": "show text",
}
_BALANCE: Final = "Exclude images until both classes show it equally often, or crop it away; test on images without it."
_CURE: Final = {
    "tiny": "Find the originals, or scale all images to the size of the smallest.",
    "grey": "Train on grey images only or on colour images only.",
    "blurred": "Exclude the blurred ones, and compare the model's results with and without them.",
    "colour_cast": "The classes come from different cameras: test within one camera, and vary colour while training.",
    "dark_corners": "Crop all images to the square inside the circle, and test within one device.",
}
