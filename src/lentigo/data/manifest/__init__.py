"""The table waist: one row per image, whoever delivered it.

Readers (`lentigo.data.sources`) produce a `Manifest`; audit, splits and training consume one. docs/data.md has the
contract of its columns.
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.data.manifest._bands import age_bands, size_bands
    from lentigo.data.manifest._checks import SIDES, note_problems
    from lentigo.data.manifest._columns import COLUMNS, LESION_NUMBER, SPLITS, Column, as_text, either, tidy
    from lentigo.data.manifest._croissant import write_croissant
    from lentigo.data.manifest._grouping import number_groups, sort_names
    from lentigo.data.manifest._leaks import check_leaks
    from lentigo.data.manifest._manifest import Manifest
    from lentigo.data.manifest._pooling import pool_manifests
    from lentigo.data.manifest._problems import Problems
    from lentigo.data.manifest._suspects import Suspect, find_suspects, independence
    from lentigo.data.manifest._tables import read_table

__all__ = [
    "COLUMNS",
    "LESION_NUMBER",
    "SIDES",
    "SPLITS",
    "Column",
    "Manifest",
    "Problems",
    "Suspect",
    "age_bands",
    "as_text",
    "check_leaks",
    "either",
    "find_suspects",
    "independence",
    "note_problems",
    "number_groups",
    "pool_manifests",
    "read_table",
    "size_bands",
    "sort_names",
    "tidy",
    "write_croissant",
]

_WHERE = {
    "_bands": ("age_bands", "size_bands"),
    "_checks": ("SIDES", "note_problems"),
    "_columns": ("COLUMNS", "LESION_NUMBER", "Column", "SPLITS", "as_text", "either", "tidy"),
    "_croissant": ("write_croissant",),
    "_grouping": ("number_groups", "sort_names"),
    "_leaks": ("check_leaks",),
    "_manifest": ("Manifest",),
    "_pooling": ("pool_manifests",),
    "_problems": ("Problems",),
    "_suspects": ("Suspect", "find_suspects", "independence"),
    "_tables": ("read_table",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
