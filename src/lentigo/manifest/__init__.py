"""The table waist: one row an image, whoever delivered it.

Readers (`lentigo.sources`) produce a `Manifest`; audit, splits and training consume one. The column contract stands in
docs/data.md.
"""

from lentigo.manifest.columns import COLUMNS, METADATA, SPLITS
from lentigo.manifest.leaks import check_leaks
from lentigo.manifest.pooling import pool_manifests
from lentigo.manifest.record import Manifest

__all__ = ["COLUMNS", "METADATA", "SPLITS", "Manifest", "check_leaks", "pool_manifests"]
