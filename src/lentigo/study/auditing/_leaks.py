"""Copies and shared ids, judged: leaks between splits, pictures under two labels, lesions that must stay together."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import SPLITS, Manifest
from lentigo.errors import LeakageError, name_offenders
from lentigo.study.auditing._findings import DuplicatePair, Finding
from lentigo.wording import counted, percent_text

DROP: Final = "'lentigo train' excludes the training images among them; 'lentigo split' keeps copies together."
KEEP: Final = "'lentigo train' and 'lentigo split' keep them together; any other tool must do the same."

Mask = npt.NDArray[np.bool_]


def leaking(manifest: Manifest, groups: npt.NDArray[np.str_]) -> Mask:
    """Return which images to exclude so that no group is in two splits, shape (N,).

    Test is never touched; validation gives up what is in test, and training what is in either.

    Args:
        manifest: images with a split; without one, nothing leaks.
        groups: patient, lesion or cluster of copies of each image, shape (N,).

    Example:
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "NV"]})
        >>> manifest = Manifest(table.assign(split=["train", "test"]), origin="memory")
        >>> leaking(manifest, np.array(["lesion:L1", "lesion:L1"]))
        array([ True, False])
    """
    if not manifest.has_split:
        return np.zeros(len(manifest), dtype=bool)
    rank = manifest.table["split"].map({name: i for i, name in enumerate(SPLITS)}).to_numpy(dtype=np.int64)
    highest = pd.Series(rank).groupby(groups).transform("max").to_numpy()
    is_leaking: Mask = rank < highest
    return is_leaking


def refuse_leaks(manifest: Manifest, groups: npt.NDArray[np.str_]) -> None:
    """Return if no group is in two splits.

    Raises:
        LeakageError: some do; the message names their images.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"], "split": ["test"]})
        >>> refuse_leaks(Manifest(table, origin="memory"), np.array(["image:a"]))
    """
    ids = manifest.table.loc[leaking(manifest, groups), "image_id"]
    if len(ids):
        raise LeakageError(
            f"{counted(len(ids), 'image shares', 'images share')} a lesion or patient with a later split of "
            f"{manifest.origin}: {name_offenders(ids)}. Exclude them with --leaks drop, or make new splits with "
            "'lentigo split'."
        )


def sort_pairs(pairs: Iterable[DuplicatePair]) -> list[DuplicatePair]:
    """Return the pairs with leaks first, then conflicts, then the most similar.

    Example:
        >>> pairs = [DuplicatePair(*"ab", "near", 0.9, "", (None, None), ("NV", label)) for label in ("NV", "MEL")]
        >>> [pair.targets[1] for pair in sort_pairs(pairs)]
        ['MEL', 'NV']
    """
    return sorted(pairs, key=lambda p: (not p.is_leak, not p.is_conflict, -p.similarity, p.first, p.second))


def pair_findings(pairs: Sequence[DuplicatePair]) -> list[Finding]:
    """Return what follows from images that show the same picture.

    Example:
        >>> [f.code for f in pair_findings([DuplicatePair(*"ab", "bytes", 1.0, "", ("train", "test"), ("NV", "MEL"))])]
        ['leak.picture', 'conflict.picture']
    """
    findings = []
    if leaks := [pair for pair in pairs if pair.is_leak]:
        findings.append(_leak_finding(leaks))
    if conflicts := [pair for pair in pairs if pair.is_conflict]:
        labels = sorted({" and ".join(sorted(pair.targets)) for pair in conflicts})
        findings.append(
            Finding(
                "conflict.picture",
                "error",
                f"{_count(len(conflicts), 'pair')} of the same picture {_has(len(conflicts))} two labels.",
                f"Labels: {'; '.join(labels)}. At least one label of each pair is wrong; no model can learn both.",
                "Look up the diagnosis of each, or exclude both ('lentigo split --clean' does).",
                _ids(conflicts),
            )
        )
    if rest := [pair for pair in pairs if not pair.is_leak and not pair.is_conflict]:
        findings.append(
            Finding(
                "duplicate.picture",
                "note",
                f"{_count(len(rest), 'pair')} of images {_show(len(rest))} the same picture{_where(rest)}.",
                "Copies make a data set look larger than it is, and leak as soon as a split separates them.",
                f"{KEEP} 'lentigo split --clean' keeps one of each.",
                _ids(rest),
            )
        )
    return findings


def group_findings(manifest: Manifest) -> list[Finding]:
    """Return what follows from lesion and patient ids: shared between splits, contradicting, missing.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "MEL"]})
        >>> [finding.code for finding in group_findings(Manifest(table.assign(lesion_id="L1"), origin="memory"))]
        ['conflict.lesion', 'group.lesion']
    """
    findings = []
    for unit in ("lesion", "patient"):
        rows = manifest.table[manifest.table[f"{unit}_id"].notna()]
        by_id = rows.groupby(f"{unit}_id")
        if len(torn := _several(by_id["split"])):
            findings.append(_torn_finding(unit, torn, rows))
        if unit == "lesion" and len(conflicting := _several(by_id["target"])):
            findings.append(_conflict_finding(conflicting, rows))
    return findings + _structure_findings(manifest)


def _leak_finding(leaks: Sequence[DuplicatePair]) -> Finding:
    by_splits: dict[str, int] = {}
    for pair in leaks:
        key = " and ".join(sorted(map(str, pair.splits), key=[*SPLITS, "None"].index))
        by_splits[key] = by_splits.get(key, 0) + 1
    where = ", ".join(f"{n} between {splits}" for splits, n in by_splits.items())
    kinds = {
        ("bytes", False): "the same file",
        ("pixels", False): "the same pixels",
        ("near", True): "a copy that was mirrored, turned, cropped or zoomed",
        ("near", False): "nearly the same pixels (resized, recoloured, recompressed or the like)",
    }
    counts = [
        (sum((pair.kind, pair.kind == "near" and bool(pair.change)) == kind for pair in leaks), words)
        for kind, words in kinds.items()
    ]
    how = ", ".join(f"{n} {'pair shows' if n == 1 else 'pairs show'} {words}" for n, words in counts if n)
    return Finding(
        "leak.picture",
        "error",
        f"{_count(len(leaks), 'pair')} of images {_show(len(leaks))} the same picture in two splits.",
        f"{where[:1].upper()}{where[1:]}; {how}. "
        "A model that remembers the picture looks better on it than on a new patient.",
        DROP,
        _ids(leaks),
    )


def _torn_finding(unit: str, torn: pd.Index, rows: pd.DataFrame) -> Finding:
    return Finding(
        f"leak.{unit}",
        "error",
        f"{_count(len(torn), unit)} {_has(len(torn))} images in two splits.",
        f"{unit.capitalize()} ids: {name_offenders(torn)}.",
        DROP,
        tuple(rows.loc[rows[f"{unit}_id"].isin(torn), "image_id"]),
    )


def _conflict_finding(conflicting: pd.Index, rows: pd.DataFrame) -> Finding:
    return Finding(
        "conflict.lesion",
        "error",
        f"{_count(len(conflicting), 'lesion')} {_has(len(conflicting))} two diagnoses.",
        f"Lesion ids: {name_offenders(conflicting)}.",
        "Look up the diagnosis of each and write it into all rows of the lesion, or exclude the lesion.",
        tuple(rows.loc[rows["lesion_id"].isin(conflicting), "image_id"]),
    )


def _structure_findings(manifest: Manifest) -> list[Finding]:
    """Return what an image-wise split would do, or that nobody can know."""
    groups, unit = manifest.groups()
    if unit == "image":
        return [
            Finding(
                "group.none",
                "note",
                "The data have no lesion or patient ids.",
                "Different images of one lesion cannot be kept together, and intervals treat every image as "
                "independent.",
                "Add a lesion_id or patient_id column if the ids exist.",
            )
        ]
    sizes = pd.Series(groups).value_counts()
    several = sizes[sizes > 1]
    if several.empty:
        return []
    return [
        Finding(
            f"group.{unit}",
            "note",
            f"{_count(len(several), unit)} {_has(len(several))} several images ({int(several.sum()):,} in all): "
            "an image-wise split would separate them.",
            f"{percent_text(int(several.sum()) / len(manifest))} of all images; up to {int(several.max())} of one "
            f"{unit}.",
            KEEP,
        )
    ]


def _several(values: "pd.api.typing.SeriesGroupBy[Any, Any]") -> pd.Index:
    """Return the groups with more than one distinct value."""
    n_values = values.nunique()
    return n_values.index[n_values > 1]


def _ids(pairs: Iterable[DuplicatePair]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(image for pair in pairs for image in (pair.first, pair.second)))


def _where(pairs: Sequence[DuplicatePair]) -> str:
    return " within one split" if all(pair.splits[0] is not None for pair in pairs) else ""


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _has(n: int) -> str:
    return "has" if n == 1 else "have"


def _show(n: int) -> str:
    return "shows" if n == 1 else "show"
