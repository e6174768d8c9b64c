"""The manifest itself: a checked table of images, with the few questions everyone asks of it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.data.manifest._checks import SIDES, check_table
from lentigo.data.manifest._columns import SPLITS, tidy
from lentigo.data.manifest._grouping import group_images
from lentigo.data.manifest._places import absolute_paths, relative_paths
from lentigo.data.manifest._tables import has_formula, read_table, write_csv
from lentigo.errors import DataError, ManifestError, suggest
from lentigo.notebook import table_html, table_text
from lentigo.storage import FORMULAS, new_file
from lentigo.taxonomy import CODES

logger = logging.getLogger(__name__)

Level = Literal["auto", "patient", "lesion", "image"]
Unit = Literal["patient", "lesion", "image"]


@dataclass(frozen=True, slots=True, eq=False)
class Manifest:
    """A checked table of images, one row per image.

    Args:
        table: the columns of `COLUMNS` (those absent are added as missing; `image_id`, `path` and `target` must be
            there), then any metadata. Paths are absolute. The table is copied; its row labels, where they are numbers,
            name the lines in error messages and are then replaced by 0, 1, 2, ...
        origin: the file or folder it was read from.
        classes: the class names in the order of the indices in `targets`; benign before malignant, codes in the order
            of `lentigo.taxonomy.CODES`. Found in the table when empty. A subset keeps the classes of the whole.
        left_out: what was excluded when the data were read, and how many images, in order.

    Raises:
        ManifestError: the table breaks the contract; every problem is named.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a.jpg", "/b.jpg"], "target": ["NV", "MEL"]})
        >>> manifest = Manifest(table, origin="memory")
        >>> manifest.classes, manifest.targets
        (('MEL', 'NV'), array([1, 0]))
    """

    table: pd.DataFrame
    origin: str
    classes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        self._settle(tidy(self.table))

    def _settle(self, table: pd.DataFrame) -> None:
        check_table(table, self.origin)
        present = set(table["target"])
        found = tuple(name for name in (*SIDES, *CODES) if name in present)
        missing = present - set(self.classes)
        if self.classes and missing:
            raise ManifestError(f"{self.origin}: target {sorted(missing)[0]} is not among the classes {self.classes}.")
        object.__setattr__(self, "table", table.reset_index(drop=True))
        object.__setattr__(self, "classes", self.classes or found)

    def __repr__(self) -> str:
        return table_text("Manifest", self._summary())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: how many images of each class there are in each split."""
        return table_html("Manifest", self._summary(), below=self.counts().to_html())

    def _summary(self) -> dict[str, object]:
        counts = self.table["target"].value_counts()
        classes = ", ".join(f"{name} {int(counts.get(name, 0)):,}" for name in self.classes)
        splits = self.table["split"].value_counts()
        split = ", ".join(f"{name} {int(splits[name]):,}" for name in SPLITS if name in splits) or "not divided yet"
        return {"images": f"{len(self):,}", "classes": classes, "splits": split, "from": self.origin}

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.table)

    @property
    def paths(self) -> list[Path]:
        """The image files, in row order."""
        return [Path(path) for path in self.table["path"]]

    @property
    def targets(self) -> npt.NDArray[np.int64]:
        """The target of each image as an index into `classes`, shape (N,)."""
        return pd.Index(self.classes).get_indexer(pd.Index(self.table["target"])).astype(np.int64)

    @property
    def names_diagnoses(self) -> bool:
        """Whether the data name diagnoses, and do not only say benign or malignant."""
        return not set(self.classes).issubset(SIDES) or bool(self.table["diagnosis"].notna().any())

    @property
    def has_split(self) -> bool:
        """Whether the images have been assigned to splits."""
        return bool(self.table["split"].notna().any())

    def subset(self, split: str) -> "Manifest":
        """Return the images of one split, with the classes of the whole.

        Raises:
            DataError: the split is not one of `SPLITS`, or has no images.

        Example:
            >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a"], "target": ["NV"], "split": ["test"]})
            >>> len(Manifest(table, origin="memory").subset("test"))
            1
        """
        if split not in SPLITS:
            raise DataError(f"unknown split '{split}'.{suggest(split, SPLITS)} Known splits: {', '.join(SPLITS)}.")
        rows = (self.table["split"] == split).to_numpy(dtype=bool)
        if not rows.any():
            raise DataError(f"{self.origin} has no images in '{split}'. Assign them with 'lentigo split'.")
        return self.select(rows)

    def select(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "Manifest":
        """Return the images that a mask or an array of positions picks, with the classes of the whole.

        Example:
            >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "MEL"]})
            >>> Manifest(table, origin="memory").select(np.array([1])).table["image_id"].tolist()
            ['b']
        """
        table = self.table[rows] if rows.dtype == bool else self.table.iloc[rows]
        if len(table) == 0:
            return Manifest(table, self.origin, self.classes, self.left_out)
        return self._of(table.reset_index(drop=True), self.origin, self.classes, self.left_out)

    @classmethod
    def _of(cls, *values: object) -> "Manifest":
        """Return a manifest of rows that are known to keep the contract, so that no cell is read again."""
        found = object.__new__(cls)
        for name, value in zip(cls.__slots__, values, strict=True):
            object.__setattr__(found, name, value)
        return found

    def with_split(self, split: npt.NDArray[np.object_] | Sequence[str]) -> "Manifest":
        """Return the same images with another split, one of `SPLITS` per image.

        Example:
            >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "MEL"]})
            >>> Manifest(table, origin="memory").with_split(["train", "test"]).has_split
            True
        """
        table = self.table.assign(split=pd.Series(list(split), index=self.table.index, dtype=object))
        if set(split) <= set(SPLITS):
            return self._of(table, self.origin, self.classes, self.left_out)
        return Manifest(table, self.origin, self.classes, self.left_out)

    def groups(
        self, level: Level = "auto", *, clusters: npt.NDArray[np.int64] | None = None
    ) -> tuple[npt.NDArray[np.str_], Unit]:
        """Return the group of each image, shape (N,), and what a group is: "patient", "lesion" or "image".

        Images that share a patient or a lesion are one group, also through a third image (a lesion under two patient
        ids joins both). An image without an id stands alone. The names do not depend on the order of the rows.

        Args:
            level: "auto" uses every id there is and names the coarsest as the unit; the others use that id only.
            clusters: a number an image, shape (N,); images of one number belong together whatever their ids, such as
                copies of one picture. Negative numbers say nothing.

        Raises:
            DataError: `level` is not known, or its ids are missing altogether.

        Example:
            >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "NV"]})
            >>> Manifest(table.assign(lesion_id="L1"), origin="memory").groups()
            (array(['lesion:L1', 'lesion:L1'], dtype='<U9'), 'lesion')
        """
        return group_images(self.table, level, self.origin, clusters)

    def counts(self) -> pd.DataFrame:
        """Return the number of images per class (rows) and split (columns; one column "all" without splits).

        Example:
            >>> table = pd.DataFrame({"image_id": ["a", "b"], "path": ["/a", "/b"], "target": ["NV", "MEL"]})
            >>> Manifest(table, origin="memory").counts()["all"].to_dict()
            {'MEL': 1, 'NV': 1}
        """
        split = self.table["split"].fillna("all")
        counts = pd.crosstab(self.table["target"].to_numpy(), split.to_numpy())
        columns = [name for name in (*SPLITS, "all") if name in counts.columns]
        counts = counts.reindex(index=list(self.classes), columns=columns, fill_value=0)
        return counts.rename_axis(index="class", columns="split")

    def write(self, path: str | Path) -> None:
        """Write the table as CSV: the contract's columns, then the metadata.

        A path below the CSV's own folder is written relative to it, so that the folder can be moved as a whole.

        Example:
            >>> table = pd.DataFrame({"image_id": ["a"], "path": [str(folder / "a.jpg")], "target": ["NV"]})
            >>> Manifest(table, origin="memory").write(folder / "manifest.csv")
            >>> Manifest.read(folder / "manifest.csv").table["path"][0] == str(folder / "a.jpg")
            True
        """
        path = Path(path)
        place = path.absolute().parent
        table = self.table.assign(path=relative_paths(self.table["path"].tolist(), place))
        if any(map(has_formula, (table[name].tolist() for name in table.select_dtypes(exclude="number")))):
            logger.warning(FORMULAS, path)
        with new_file(path) as partial:
            write_csv(table, partial)

    @classmethod
    def read(cls, path: str | Path) -> "Manifest":
        """Return the manifest that `write` wrote.

        Columns must have the contract's own names, and files are not looked for: `lentigo.data.sources.read_data`
        is the reader that understands aliases and checks what it finds.

        Raises:
            ManifestError: the file is not a manifest.

        Example:
            >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a.jpg"], "target": ["NV"]})
            >>> Manifest(table, origin="memory").write(folder / "manifest.csv")
            >>> Manifest.read(folder / "manifest.csv").classes
            ('NV',)
        """
        path = Path(path)
        raw = read_table(path)
        absent = [name for name in ("image_id", "path", "target") if name not in raw.columns]
        if absent:
            raise ManifestError(
                f"{path} is not a manifest: column '{absent[0]}' is missing. Write one with 'lentigo split'."
            )
        table = tidy(raw, has_types=False)
        paths = absolute_paths(table["path"].tolist(), path.absolute().parent)
        table = table.assign(path=pd.Series(paths, index=table.index, dtype=object))
        manifest = cls._of(table, str(path), (), ())
        manifest._settle(table)
        return manifest
