"""Readers: from whatever a study has on disk to a `lentigo.manifest.Manifest`.

A folder of classes, a CSV or Parquet table, HAM10000, an ISIC challenge or archive folder, PAD-UFES-20, DermaMNIST:
`read_data` recognises which. Layouts, columns and their aliases stand in docs/data.md.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.sources.given import gather_images
    from lentigo.sources.inputs import find_images
    from lentigo.sources.isic_schema import metadata_problems
    from lentigo.sources.reading import read_data

__all__ = ["find_images", "gather_images", "metadata_problems", "read_data"]

_WHERE = {"given": "gather_images", "inputs": "find_images", "isic_schema": "metadata_problems", "reading": "read_data"}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, name in _WHERE.items()})
