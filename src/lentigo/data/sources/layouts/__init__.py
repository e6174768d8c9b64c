"""Layouts of data sets as their publishers and hosts deliver them, a module per family.

Each finds its layout in a folder and returns the rows of its tables under the contract's names, with the files they
mean; labels, splits and checks are the same for all and come after. docs/data.md lists the layouts.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.data.sources.layouts._candidates import candidates_in, folders_to, is_table, tables_seen
    from lentigo.data.sources.layouts._forms import FORMS
    from lentigo.data.sources.layouts._hdf5 import find_hdf5, images_in_hdf5
    from lentigo.data.sources.layouts._lesions import is_per_lesion, per_image
    from lentigo.data.sources.layouts._parquet import read_parquet_images

__all__ = [
    "FORMS",
    "candidates_in",
    "find_hdf5",
    "folders_to",
    "images_in_hdf5",
    "is_per_lesion",
    "is_table",
    "per_image",
    "read_parquet_images",
    "tables_seen",
]

_WHERE = {
    "_candidates": ("candidates_in", "folders_to", "is_table", "tables_seen"),
    "_forms": ("FORMS",),
    "_hdf5": ("find_hdf5", "images_in_hdf5"),
    "_lesions": ("is_per_lesion", "per_image"),
    "_parquet": ("read_parquet_images",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
