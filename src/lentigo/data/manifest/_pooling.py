"""Several data sets as one: the same columns, ids told apart, the set each image comes from kept as its `source`."""

from collections.abc import Sequence

import pandas as pd

from lentigo.data.manifest._checks import SIDES
from lentigo.data.manifest._columns import Column, either
from lentigo.data.manifest._manifest import Manifest
from lentigo.errors import ManifestError


def pool_manifests(manifests: Sequence[Manifest], names: Sequence[str]) -> Manifest:
    """Return the images of several sets in one manifest.

    An image id that two sets use gets the name of its set in front. Ids of lesions and patients stay as they are: the
    archives share theirs, and an id that two sets use by chance only makes a group larger than it need be.

    Args:
        manifests: the sets, all with splits or all without.
        names: of the sets, for `source` where a set has none.

    Raises:
        ManifestError: some sets have splits and some have none, or one tells diagnoses apart and another only sides.

    Example:
        >>> table = pd.DataFrame({"image_id": ["1"], "path": ["/1.jpg"], "target": ["NV"]})
        >>> other = table.assign(path="/2.jpg", target="MEL")
        >>> sets = [Manifest(table, origin="a"), Manifest(other, origin="b")]
        >>> pool_manifests(sets, ["a", "b"]).table[["image_id", "source"]].to_numpy().tolist()
        [['a/1', 'a'], ['b/1', 'b']]
    """
    sides = [set(manifest.classes) <= set(SIDES) for manifest in manifests]
    if any(sides) and not all(sides):
        only = manifests[sides.index(True)].origin
        raise ManifestError(f"{only} has no diagnoses, but the others have. Pool them with --set data.task=binary.")
    if len({manifest.has_split for manifest in manifests}) > 1:
        raise ManifestError(
            "some of the sets have splits and some do not. Split the others first with 'lentigo split'."
        )
    labels = _distinct(names)
    tables = [
        manifest.table.assign(source=_source(manifest, label), _set=label)
        for manifest, label in zip(manifests, labels, strict=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    is_shared = table.groupby("image_id")["_set"].transform("nunique") > 1
    table["image_id"] = table["image_id"].where(~is_shared, table["_set"] + "/" + table["image_id"])
    origin = " + ".join(manifest.origin for manifest in manifests)
    left_out = tuple(pair for manifest in manifests for pair in manifest.left_out)
    return Manifest(table.drop(columns="_set"), origin, left_out=left_out)


def _source(manifest: Manifest, label: str) -> Column:
    filled = pd.Series([label] * len(manifest), dtype=object)
    return either(manifest.table["source"], filled) if "source" in manifest.table else filled


def _distinct(names: Sequence[str]) -> list[str]:
    return [name if names.count(name) == 1 else f"{name}-{i + 1}" for i, name in enumerate(names)]
