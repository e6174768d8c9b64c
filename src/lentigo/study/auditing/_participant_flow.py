"""How many images went where, and who they come from: the flow and the tables of an audit."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest import SPLITS, Column, Manifest, age_bands
from lentigo.study.auditing._findings import DataTable, FlowStep

LEAKING: Final = "in a later split too"
UNKNOWN: Final = "unknown"
COLUMNS: Final = ("source", "image_type", "dx_type", "sex", "age", "site", "skin_type")
MOST_VALUES: Final = 30


def flow_steps(
    used: Manifest, *, n_found: int, n_unreadable: int, n_leaking: int, left_out: Sequence[tuple[str, int]] = ()
) -> tuple[FlowStep, ...]:
    """Return the way of the images: found, exclusions (negative), then what is left in each split.

    Args:
        used: the images that are left.
        n_found: images that reading has kept.
        n_unreadable: of them unreadable.
        n_leaking: readable images that are left out because a later split shows the same lesion.
        left_out: what reading has left out before, and how many images each.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"], "split": ["test"]})
        >>> steps = flow_steps(Manifest(table, origin="memory"), n_found=3, n_unreadable=1, n_leaking=1)
        >>> [step.n_images for step in steps]
        [3, -1, -1, 1]
    """
    split = used.table["split"]
    n_all = n_found + sum(n for _, n in left_out)
    before = (FlowStep("found", n_all), *(FlowStep(what, -n) for what, n in left_out))
    exclusions = (*before, FlowStep("unreadable", -n_unreadable), FlowStep(LEAKING, -n_leaking))
    return (*exclusions, *(FlowStep(name, int((split == name).sum())) for name in SPLITS if (split == name).any()))


def tabulate(manifest: Manifest, *, tones: npt.NDArray[np.str_] | None = None) -> tuple[DataTable, ...]:
    """Return images by class and by each column that says where they come from or who they show.

    Args:
        manifest: the images.
        tones: estimated class of skin tone of each image, shape (N,).

    Example:
        >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"], "age": [47]})
        >>> tabulate(Manifest(table, origin="memory"))[0].rows
        {'40 to 49': {'NV': 1}}
    """
    columns = {name: manifest.table[name] for name in COLUMNS if name in manifest.table}
    if tones is not None:
        columns["skin tone, estimated"] = pd.Series(tones, dtype=object)
    tables = [_table(name, values, manifest) for name, values in columns.items() if values.notna().any()]
    return tuple(table for table in tables if len(table.rows) <= MOST_VALUES)


def _table(name: str, values: Column, manifest: Manifest) -> DataTable:
    labels = age_bands(values) if name == "age" else values.astype(object)
    labels = labels.where(labels.notna(), UNKNOWN)
    counts = pd.crosstab(labels.to_numpy(), manifest.table["target"].to_numpy())
    counts = counts.reindex(columns=list(manifest.classes), fill_value=0)
    order = sorted(counts.index, key=lambda value: (value == UNKNOWN, value != "under 20", str(value)))
    return DataTable(name, {str(value): {str(k): int(n) for k, n in counts.loc[value].items()} for value in order})
