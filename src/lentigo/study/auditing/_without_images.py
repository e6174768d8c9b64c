"""The audit of data whose images are not here: what the table and equal embeddings tell.

Photographs are never looked at, so that quality, border, colours and near copies stay unknown; the audit says so.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import Manifest, find_suspects
from lentigo.progress import Track, silent
from lentigo.study.auditing._audit import Audit
from lentigo.study.auditing._examining import MOST_PAIRS, ExaminedData, unused_ids
from lentigo.study.auditing._findings import LEVELS, DuplicatePair, Finding, SkinTone
from lentigo.study.auditing._leaks import group_findings, leaking, pair_findings, sort_pairs
from lentigo.study.auditing._participant_flow import flow_steps, tabulate
from lentigo.study.auditing._shortcuts import measure_shortcuts, shortcut_findings
from lentigo.study.auditing._survey import Survey
from lentigo.wording import counted

EQUAL: Final = "equal embedding"
ROWS: Final = 4096


def examine_table(
    manifest: Manifest,
    *,
    malignant: tuple[str, ...],
    copies: npt.NDArray[np.int64],
    columns: Mapping[str, str] | None = None,
    seed: int = 0,
    track: Track = silent,
) -> ExaminedData:
    """Return what can be found out about a data set without its images.

    Args:
        manifest: all images, with or without splits.
        malignant: the classes on the malignant side.
        copies: a number that images with equal embeddings share, shape (N,); negative for all others.
        columns: what the user has said about columns (`data.columns`).
        seed: of folds and resamples.
        track: draws progress.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "MEL"]})
        >>> manifest = Manifest(table, origin="memory")
        >>> examine_table(manifest, malignant=("MEL",), copies=np.array([-1, -1])).audit.findings[0].code
        'images.absent'
    """
    groups, unit = manifest.groups(clusters=copies)
    pairs = sort_pairs(_pairs(manifest, copies))
    is_malignant = manifest.table["target"].isin(malignant).to_numpy(dtype=bool)
    scores = measure_shortcuts(
        _nothing_seen(len(manifest)), manifest, is_malignant=is_malignant, groups=groups, seed=seed, track=track
    )
    findings = [
        _absent(len(manifest)),
        *pair_findings(pairs),
        *group_findings(manifest),
        *map(unused_ids, find_suspects(manifest.table, columns)),
        *shortcut_findings(scores),
    ]
    is_leaking = leaking(manifest, groups)
    audit = Audit(
        data=manifest.origin.replace("\\", "/").rpartition("/")[2],
        n_images=len(manifest),
        n_readable=len(manifest),
        classes=manifest.classes,
        malignant=tuple(malignant),
        unit=unit,
        findings=tuple(sorted(findings, key=lambda finding: LEVELS.index(finding.level))),
        pairs=tuple(pairs[:MOST_PAIRS]),
        n_pairs=len(pairs),
        shortcuts=scores,
        doubts=(),
        flags=(),
        skin_tone=SkinTone({}, float("nan"), float("nan")),
        flow=flow_steps(
            manifest.select(~is_leaking),
            n_found=len(manifest),
            n_unreadable=0,
            n_leaking=int(is_leaking.sum()),
            left_out=manifest.left_out,
        ),
        tables=tabulate(manifest),
    )
    return ExaminedData(audit, groups, {}, pd.DataFrame(index=manifest.table.index))


def equal_rows(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return a number that equal rows of a matrix (N, D) share, shape (N,); -1 for a row that no other equals.

    Example:
        >>> equal_rows(np.array([[1, 2], [3, 4], [1, 2]], np.float32)).tolist()
        [0, -1, 0]
    """
    # sums modulo 2^64 of the bits find candidates; only those are compared whole
    weights = np.random.default_rng(0).integers(0, 2**63, values.shape[1], dtype=np.uint64) * 2 + 1
    keys = [
        (np.ascontiguousarray(values[at : at + ROWS]).view(np.uint32) * weights).sum(axis=1, dtype=np.uint64)
        for at in range(0, len(values), ROWS)
    ]
    rows = np.flatnonzero(pd.Series(np.concatenate(keys)).duplicated(keep=False).to_numpy())
    found = np.full(len(values), -1)
    if len(rows):
        whole = pd.Series([values[row].tobytes() for row in rows.tolist()])
        number, _ = pd.factorize(whole)
        is_shared = whole.duplicated(keep=False).to_numpy()
        found[rows[is_shared]] = number[is_shared]
    return found.astype(np.int64)


def _pairs(manifest: Manifest, copies: npt.NDArray[np.int64]) -> list[DuplicatePair]:
    """Return each image that equals an earlier one, with the first of its kind."""
    ids, targets, splits = (manifest.table[name].tolist() for name in ("image_id", "target", "split"))
    first: dict[int, int] = {}
    pairs = []
    for row, number in enumerate(copies.tolist()):
        if number < 0:
            continue
        one = first.setdefault(number, row)
        if one != row:
            both = (splits[one], splits[row]), (targets[one], targets[row])
            pairs.append(DuplicatePair(ids[one], ids[row], "near", 1.0, EQUAL, *both))
    return pairs


def _nothing_seen(n_images: int) -> Survey:
    nothing = pd.DataFrame(index=range(n_images))
    return Survey(np.zeros((0, 0, 0, 3), np.uint8), nothing, nothing, {}, ("",) * n_images, ("",) * n_images)


def _absent(n_images: int) -> Finding:
    return Finding(
        "images.absent",
        "warning",
        f"The photographs of the {counted(n_images, 'image')} were not audited.",
        "Image quality, shortcuts in border and colour, and near copies are unknown. Copies were searched for among "
        "equal embeddings only.",
        "Put the images beside the table to audit them as well.",
    )
