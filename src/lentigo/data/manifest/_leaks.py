"""The check that no lesion and no patient stands on both sides of a split."""

import pandas as pd

from lentigo.data.manifest._columns import SPLITS
from lentigo.data.manifest._manifest import Manifest
from lentigo.errors import LeakageError, name_offenders

REMEDY = "Run 'lentigo split DATA --out manifest.csv', which keeps a {unit} together."


def check_leaks(manifest: Manifest) -> None:
    """Return when every lesion and patient stays within one split.

    Only ids are compared: the same picture under two ids is for the audit to find.

    Raises:
        LeakageError: a lesion_id or patient_id stands in more than one split.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "NV"]})
        >>> manifest = Manifest(table.assign(lesion_id="L1", split=["train", "test"]), origin="memory")
        >>> check_leaks(manifest)  # doctest: +NORMALIZE_WHITESPACE
        Traceback (most recent call last):
        lentigo.errors.LeakageError: 1 lesion has images in both train and test: L1. Run 'lentigo split DATA --out
        manifest.csv', which keeps a lesion together.
    """
    sentences: list[str] = []
    remedy = ""
    for unit in ("lesion", "patient"):  # the remedy names the coarser of the two
        found = _shared(manifest.table, unit)
        sentences += found
        remedy = REMEDY.format(unit=unit) if found else remedy
    if sentences:
        raise LeakageError(" ".join([*sentences, remedy]))


def _shared(table: pd.DataFrame, unit: str) -> list[str]:
    """Return a sentence for each set of splits that share ids of this unit."""
    rows = table[[f"{unit}_id", "split"]].dropna()
    splits_of = rows.drop_duplicates().groupby(f"{unit}_id")["split"].agg(frozenset)
    splits_of = splits_of[splits_of.map(len) > 1]
    sentences = []
    for splits in sorted(set(splits_of), key=lambda names: [SPLITS.index(name) for name in sorted(names)]):
        ids = splits_of.index[splits_of == splits]
        names = [name for name in SPLITS if name in splits]
        where = f"both {names[0]} and {names[1]}" if len(names) == 2 else "train, val and test"
        subject = f"{len(ids)} {unit}s have" if len(ids) > 1 else f"1 {unit} has"
        sentences.append(f"{subject} images in {where}: {name_offenders(ids)}.")
    return sentences
