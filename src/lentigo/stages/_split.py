"""`lentigo split`: a data set divided so that no patient, no lesion and no picture stands on two sides."""

import dataclasses
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lentigo.config import Config
from lentigo.data.fetching import SOURCE_JSON
from lentigo.data.manifest import Manifest, Suspect, find_suspects, independence, write_croissant
from lentigo.data.sources import read_data
from lentigo.data.splits import k_folds, split_manifest
from lentigo.errors import name_offenders
from lentigo.progress import Track, silent
from lentigo.stages._run_folder import choices_of, taxonomy_of
from lentigo.storage import read_json, refuse_existing
from lentigo.study.auditing import find_copies
from lentigo.wording import counted

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SplitResult:
    """A data set with its splits, and the images that were kept together or excluded.

    Args:
        manifest: the images, each with its split, or with its fold.
        unit: what a group is: "patient", "lesion" or "image".
        n_groups: groups that were shared out.
        n_joined: images that are in a group only because they show the same picture as another.
        dropped: image_id, the image that was kept instead (empty where labels contradict) and why, one row per image.
        suspects: unused columns that behave like ids of patients or lesions.

    Example:
        >>> SplitResult.__slots__
        ('manifest', 'unit', 'n_groups', 'n_joined', 'dropped', 'suspects')
    """

    manifest: Manifest
    unit: str
    n_groups: int
    n_joined: int
    dropped: pd.DataFrame
    suspects: tuple[Suspect, ...] = ()

    @property
    def independence(self) -> str:
        """What the parts do not share, and what is not known: "lesion, patients unknown"."""
        return independence(self.manifest.table, self.unit)

    def fold_counts(self) -> pd.DataFrame:
        """Return the number of images per class (rows) and fold (columns)."""
        table = self.manifest.table
        counts = pd.crosstab(table["target"].to_numpy(), table["fold"].to_numpy())
        return counts.reindex(index=list(self.manifest.classes)).rename_axis(index="class", columns="fold")


def split(
    data: str | Path,
    out: str | Path,
    *,
    config: Config | None = None,
    n_folds: int = 0,
    clean: bool = False,
    croissant: str | Path | None = None,
    licence: str = "",
    force: bool = False,
    track: Track = silent,
) -> SplitResult:
    """Return a new split of `data` into train, val and test (or folds), and write its manifest to `out`.

    Images of one patient, else of one lesion, stay together, and so do images that show the same picture; the classes
    are spread evenly; a split that the data give is replaced. The same data, fractions and seed give the same split,
    whatever the order of the rows.

    Args:
        data: as for `read_data`.
        out: the CSV to write; `lentigo train` takes it as DATA.
        config: fractions, seed, task and the side of AK and AKIEC.
        n_folds: write a column `fold` from 0 to n_folds - 1 instead of a split; 0 for none.
        clean: leave out all but one of the images that show the same picture, and all of those whose labels contradict.
        croissant: a JSON-LD file to write that describes the manifest in Croissant 1.0; None for none.
        licence: of the images, for that file; what a source.json beside them states when empty.
        force: overwrite existing files.
        track: draws progress.

    Example:
        >>> result = split(phantom, folder / "manifest.csv")
        >>> sorted(result.manifest.table["split"].unique())
        ['test', 'train', 'val']
    """
    config, out = config or Config(), Path(out)
    for place in (out, *(() if croissant is None else (Path(croissant),))):
        refuse_existing(place, force=force)
    found = read_data(data, taxonomy=taxonomy_of(config), task=config.data.task, choices=choices_of(config))
    seen, copies = find_copies(found, image=config.image, track=track)
    if seen.problems:
        logger.warning(
            "%s cannot be read, but assigned to a split nevertheless: %s",
            counted(len(seen.problems), "image"),
            name_offenders(seen.problems.values(), width=200),
        )
    clusters = copies.clusters()
    dropped = _redundant(found, clusters, sizes=seen.traits) if clean else _redundant(found, np.arange(len(found)))
    is_kept = ~found.table["image_id"].isin(dropped["image_id"]).to_numpy(dtype=bool)
    kept = found.select(is_kept)
    unsplit = dataclasses.replace(kept, table=kept.table.assign(split=None))
    groups, unit = unsplit.groups(clusters=clusters[is_kept])
    by_id = unsplit.groups()[0]
    if n_folds:
        fold = k_folds(unsplit, n_folds, config.seed, groups=groups)
        manifest = dataclasses.replace(unsplit, table=unsplit.table.assign(fold=fold))
    else:
        manifest = split_manifest(unsplit, fractions=config.data.fractions, seed=config.seed, groups=groups)
    manifest.write(out)
    if croissant is not None:
        about = _source_of(Path(data))
        write_croissant(
            manifest, out, croissant, name=str(about.get("title", "")),
            licence=licence or str(about.get("licence", "")),
            citation=tuple(map(str, about.get("citation", ()))), url=str(about.get("homepage", "")),
        )  # fmt: skip
    n_groups = len(np.unique(groups))
    suspects = find_suspects(manifest.table, config.data.columns)
    for suspect in suspects:
        logger.warning("%s: %s", found.origin, suspect.sentence)
    return SplitResult(manifest, unit, n_groups, int((groups != by_id).sum()), dropped, suspects)


def _source_of(data: Path) -> dict[str, Any]:
    """Return what `lentigo fetch` has left beside the data; nothing where they were not fetched."""
    place = (data if data.is_dir() else data.parent) / SOURCE_JSON
    return read_json(place) if place.is_file() else {}


def _redundant(found: Manifest, clusters: npt.NDArray[np.int64], sizes: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the images to leave out of each cluster of copies: all but the one with the most pixels.

    Of equally large ones the first id stays. Where the labels of a cluster contradict each other all of it goes.
    """
    table = found.table[["image_id", "target"]].assign(cluster=clusters)
    table["n_pixels"] = 0.0 if sizes is None else (sizes["file_width"] * sizes["file_height"]).to_numpy(dtype=float)
    rows = []
    for _, copies in table[table.duplicated("cluster", keep=False)].groupby("cluster"):
        if len(set(copies["target"])) > 1:
            rows += [(image, "", "copies with different labels") for image in copies["image_id"]]
            continue
        ordered = copies.sort_values(["n_pixels", "image_id"], ascending=[False, True])["image_id"].tolist()
        rows += [(image, ordered[0], "copy") for image in ordered[1:]]
    return pd.DataFrame(rows, columns=["image_id", "kept", "reason"], dtype=object)
