"""WebDataset shards: tar files in which the files of one sample share a name, as 000123.jpg and 000123.cls."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lentigo.data.sources._folders import SPLIT_NAMES
from lentigo.data.sources.layouts._splits import split_of
from lentigo.errors import DataError
from lentigo.images import keep_image, list_folder
from lentigo.table_files import text_of

IMAGES: Final = ("jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp", "dcm")
TEXTS: Final = ("cls", "cls2", "txt", "text", "class", "label", "target")
SUFFIX: Final = ".tar"
MAX_BYTES: Final = 1 << 30  # of one file in a shard; a photograph has some MB


def find_shards(folder: Path) -> list[Path]:
    """Return the tar files in a folder, or in its folders of splits.

    Example:
        >>> (folder / "train-000000.tar").touch()
        >>> [path.name for path in find_shards(folder)]
        ['train-000000.tar']
    """
    places = [folder, *(p for p in list_folder(folder) if p.is_dir() and p.name.casefold() in SPLIT_NAMES)]
    return [path for place in places for path in list_folder(place) if path.suffix.lower() == SUFFIX]


def read_shards(folder: Path, shards: list[Path]) -> pd.DataFrame:
    """Return a row per sample: `image_id`, `path`, `split` where names of shards say it, `label` and metadata.

    The label is what `.cls` (or `.txt`, `.label`, ...) holds; the keys of `.json` become columns.

    Raises:
        DataError: a shard is damaged, or has no images with labels.
    """
    rows = []
    for shard in shards:
        split = split_of(shard.stem) or split_of(shard.parent.name if shard.parent != folder else "")
        rows += [{**sample, "split": split} for sample in _samples(shard)]
    table = pd.DataFrame([row for row in rows if "path" in row])
    if table.empty:
        raise DataError(
            f"{folder} has {len(shards)} tar files without images ({', '.join(IMAGES)}). Unpack them, or give others."
        )
    if "label" in table and table["label"].isin(["0", "1"]).all():
        table = table.rename(columns={"label": "target"})  # benign and malignant, as in ISIC 2020
    if table["split"].isna().any():
        table = table.drop(columns="split")
    if table["image_id"].duplicated().any():  # shards that count from 0 each
        table["image_id"] = table["_shard"] + "-" + table["image_id"]
    return table.drop(columns="_shard")


def _samples(shard: Path) -> Iterator[dict[str, Any]]:
    """Yield what a shard says about each sample.

    Raises:
        DataError: the shard is damaged.
    """
    sample: dict[str, Any] = {}
    try:
        with tarfile.open(shard) as archive:
            for member in archive:
                if not member.isfile() or member.name.rpartition("/")[2].startswith("."):
                    continue
                stem, _, ending = member.name.rpartition("/")[2].partition(".")
                key = member.name[: len(member.name) - len(ending) - 1] if ending else member.name
                if sample and sample["image_id"] != key:
                    yield sample
                    sample = {}
                sample.setdefault("image_id", key)
                sample.setdefault("_shard", shard.stem)
                content = archive.extractfile(member)
                if member.size <= MAX_BYTES and content is not None and stem:
                    sample |= _said(ending.casefold(), content.read(), shard, key)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise DataError(f"{shard} is damaged or is not a tar file: {error}. Download it again.") from error
    if sample:
        yield sample


def _said(ending: str, content: bytes, shard: Path, key: str) -> dict[str, Any]:
    """Return what one file of a sample says: its image, its label or its metadata.

    Raises:
        DataError: a JSON file that is none.
    """
    kind = ending.rpartition(".")[2]
    if kind in IMAGES:
        return {"path": str(keep_image(content))}
    if kind in TEXTS:
        return {"label": content.decode("utf-8", "replace").strip()}
    if kind == "json":
        try:
            entry = json.loads(content)
        except ValueError as error:
            raise DataError(f"{shard}: {key}.{ending} is not JSON. Write the shard again.") from error
        return {str(name): text_of(value) for name, value in entry.items()} if isinstance(entry, dict) else {}
    return {}
