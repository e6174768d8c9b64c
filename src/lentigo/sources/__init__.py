"""Readers: from whatever a study has on disk to a `lentigo.manifest.Manifest`.

A folder of classes, a CSV or Parquet table, HAM10000, an ISIC challenge or archive folder, PAD-UFES-20, DermaMNIST:
`read_data` recognises which. Layouts, columns and their aliases stand in docs/data.md.
"""

from lentigo.sources.inputs import find_images
from lentigo.sources.isic_schema import metadata_problems
from lentigo.sources.reading import read_data

__all__ = ["find_images", "metadata_problems", "read_data"]
