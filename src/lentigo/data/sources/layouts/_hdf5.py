"""Images in HDF5 files, as the ISIC 2024 challenge has them on Kaggle: a data set of JPEG bytes for each image id."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from lentigo.errors import DataError, MissingExtraError
from lentigo.images import keep_image, list_folder

SUFFIXES: Final = (".hdf5", ".h5", ".hdf")


def find_hdf5(folder: Path) -> list[Path]:
    """Return the HDF5 files in a folder and in the folders in it.

    Example:
        >>> (folder / "train-image.hdf5").touch()
        >>> [path.name for path in find_hdf5(folder)]
        ['train-image.hdf5']
    """
    inside = [path for path in list_folder(folder) if path.is_dir()]
    return [path for place in (folder, *inside) for path in list_folder(place) if path.suffix.lower() in SUFFIXES]


def images_in_hdf5(files: Collection[Path], names: Collection[str]) -> dict[str, Path]:
    """Return the extracted file of each of the names that the files hold.

    Raises:
        DataError: a file is damaged.
        MissingExtraError: h5py is not installed.
    """
    found: dict[str, Path] = {}
    for file in files:
        try:
            import h5py
        except ImportError as error:
            raise MissingExtraError("h5py", extra="hdf5", purpose=f"read the images in {file.name}") from error
        try:
            with h5py.File(file, "r") as source:
                for name in names:
                    if name not in found and name in source and isinstance(source[name], h5py.Dataset):
                        found[name] = keep_image(bytes(source[name][()]))
        except (OSError, KeyError, ValueError, TypeError) as error:
            raise DataError(f"{file} is damaged or is not an HDF5 file. Download it again.") from error
    return found
