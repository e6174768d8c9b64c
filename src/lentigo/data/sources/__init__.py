"""Readers: from whatever a study has on disk to a `lentigo.data.manifest.Manifest`.

A folder of classes, a table (CSV, Excel, Parquet or JSON Lines), HAM10000, an ISIC challenge or archive folder,
PAD-UFES-20, DermaMNIST: `read_data` recognises which. Layouts, columns and their aliases stand in docs/data.md.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.data.sources._choices import Choices
    from lentigo.data.sources._isic_schema import metadata_problems
    from lentigo.data.sources._labelled import read_labelled
    from lentigo.data.sources._reading import GIVE_DATA, read_data

__all__ = [
    "GIVE_DATA",
    "Choices",
    "metadata_problems",
    "read_data",
    "read_labelled",
]

_WHERE = {
    "_choices": ("Choices",),
    "_isic_schema": ("metadata_problems",),
    "_labelled": ("read_labelled",),
    "_reading": ("GIVE_DATA", "read_data"),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
