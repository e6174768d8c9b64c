"""Table files without pandas: text, Excel, JSON Lines and Parquet; faults of the file itself are found here.

text_files  encoding, separator and number format of a text table
workbooks   Excel workbooks and JSON Lines as rows of text
files       any of them as columns
"""

from typing import TYPE_CHECKING

from lentigo.lazy import lazy_names

if TYPE_CHECKING:
    from lentigo.table_files._files import (
        CSV_SUFFIXES,
        PARQUET_SUFFIXES,
        TABLE_KINDS,
        TABLE_SUFFIXES,
        as_plain_text,
        as_plain_texts,
        parquet_file,
        parquet_schema,
        read_columns,
        read_header,
        read_named_rows,
        read_parquet,
        refuse_useless,
    )
    from lentigo.table_files._text_files import decimal_points, open_text, read_plain_columns, read_rows, separator_of
    from lentigo.table_files._workbooks import text_of

__all__ = [
    "CSV_SUFFIXES",
    "PARQUET_SUFFIXES",
    "TABLE_KINDS",
    "TABLE_SUFFIXES",
    "as_plain_text",
    "as_plain_texts",
    "decimal_points",
    "open_text",
    "parquet_file",
    "parquet_schema",
    "read_columns",
    "read_header",
    "read_named_rows",
    "read_parquet",
    "read_plain_columns",
    "read_rows",
    "refuse_useless",
    "separator_of",
    "text_of",
]

_WHERE = {
    "_files": (
        "CSV_SUFFIXES",
        "PARQUET_SUFFIXES",
        "TABLE_KINDS",
        "TABLE_SUFFIXES",
        "as_plain_text",
        "as_plain_texts",
        "parquet_file",
        "parquet_schema",
        "read_columns",
        "read_header",
        "read_named_rows",
        "read_parquet",
        "refuse_useless",
    ),
    "_text_files": ("decimal_points", "open_text", "read_plain_columns", "read_rows", "separator_of"),
    "_workbooks": ("text_of",),
}
__getattr__ = lazy_names(__name__, {name: f"{__name__}.{module}" for module, names in _WHERE.items() for name in names})
