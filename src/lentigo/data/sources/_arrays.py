"""DermaMNIST: a file of arrays becomes a folder of PNG files, once.

Everything behind a manifest works on image files. The copy beside the file is complete or absent, and it is made again
when the file of arrays is another one.
"""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

import numpy as np
from PIL import Image

from lentigo.data.manifest import SPLITS
from lentigo.errors import DataError
from lentigo.storage import new_folder, read_json, sha256_of, write_json, write_text

if TYPE_CHECKING:
    from numpy.lib.npyio import NpzFile

logger = logging.getLogger(__name__)

# The order of the labels 0 to 6, as MedMNIST has it (medmnist.INFO["dermamnist"]["label"]).
CLASSES: Final = ("AKIEC", "BCC", "BKL", "DF", "MEL", "NV", "VASC")
KEYS: Final = frozenset(f"{split}_{what}" for split in SPLITS for what in ("images", "labels"))


def unpack_arrays(path: Path) -> Path:
    """Return the table of a folder of images that holds what `dermamnist.npz` (any size, any edition) holds.

    The folder is `<name>_images`, beside the file: a PNG for each image and metadata.csv with diagnosis and split.

    Raises:
        DataError: not DermaMNIST, or damaged.
        LentigoError: the folder cannot be written.

    Example:
        >>> arrays = {f"{s}_images": np.zeros((1, 28, 28, 3), np.uint8) for s in ("train", "val", "test")}
        >>> np.savez(folder / "dermamnist.npz", **arrays, train_labels=[[4]], val_labels=[[5]], test_labels=[[0]])
        >>> unpack_arrays(folder / "dermamnist.npz").read_text().splitlines()[1]
        'train_00000,train/train_00000.png,MEL,train,dermoscopic,dermamnist'
    """
    if "dermamnist" not in path.stem.casefold():
        raise DataError(
            f"{path} is not a DermaMNIST file: its name must contain 'dermamnist'. Give image files instead."
        )
    folder = path.with_name(f"{path.stem}_images")
    digest = sha256_of(path)
    made = folder / "made_from.json"
    if not made.is_file() or read_json(made).get("sha256") != digest:
        logger.info("%s: its images are written to %s, once", path, folder)
        with _open(path) as arrays, new_folder(folder, force=made.is_file()) as partial:
            n_images = _write(arrays, partial, path)
            write_json(partial / "made_from.json", {"file": path.name, "sha256": digest, "n_images": n_images})
    return folder / "metadata.csv"


@contextlib.contextmanager
def _open(path: Path) -> Iterator["NpzFile"]:
    """Yield the arrays of a file, none of which may be pickled.

    Raises:
        DataError: it is not a file of arrays, or not of these.
    """
    with path.open("rb") as stream:
        try:
            arrays = np.load(stream, allow_pickle=False)
            keys = set(arrays.files)
        except (OSError, ValueError, AttributeError, EOFError, BadZipFile) as error:
            raise DataError(
                f"{path} is not a .npz file or damaged. Download it again: lentigo fetch dermamnist."
            ) from error
        if not keys >= KEYS:
            raise DataError(
                f"{path} is not a DermaMNIST file: it lacks {', '.join(sorted(KEYS - keys))}. "
                "Get one with 'lentigo fetch dermamnist', or give a folder or table of images."
            )
        yield arrays


def _write(arrays: "NpzFile", folder: Path, path: Path) -> int:
    """Return how many images were written into the folder.

    Raises:
        DataError: images or labels of another shape or kind.
    """
    lines = ["image_id,path,diagnosis,split,image_type,source"]
    for split in SPLITS:
        images, labels = _arrays(arrays, split, path)
        (folder / split).mkdir()
        for number, (pixels, label) in enumerate(zip(images, labels, strict=True)):
            name = f"{split}_{number:05d}"
            Image.fromarray(pixels).save(folder / split / f"{name}.png", compress_level=1)
            lines.append(f"{name},{split}/{name}.png,{CLASSES[int(label)]},{split},dermoscopic,{path.stem}")
    write_text(folder / "metadata.csv", "\n".join(lines) + "\n")
    return len(lines) - 1


def _arrays(arrays: "NpzFile", split: str, path: Path) -> tuple[Any, Any]:
    """Return images and labels of a split.

    Raises:
        DataError: they are damaged, or of another shape or kind.
    """
    try:
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"].reshape(-1)
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise DataError(f"{path} is damaged at {split}. Download it again: lentigo fetch dermamnist.") from error
    is_rgb = images.ndim == 4 and images.shape[3] == 3 and images.dtype == np.uint8
    is_label = np.issubdtype(labels.dtype, np.integer) and len(labels) == len(images)
    if not (is_rgb and is_label and np.isin(labels, range(len(CLASSES))).all()):
        raise DataError(
            f"{path} is not a DermaMNIST file: {split}_images has shape {images.shape} and {split}_labels has "
            f"{len(labels)} labels. Expected are (N, side, side, 3) bytes and N labels from 0 to 6."
        )
    return images, labels
