"""A manifest described in Croissant 1.0 (MLCommons), so that other tools can find, cite and read it.

The file describes the table and its columns; it holds no row. Formal page: docs.mlcommons.org/croissant.
"""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from lentigo.data.manifest._manifest import Manifest
from lentigo.storage import sha256_of, write_json
from lentigo.wording import counted

CONTEXT: Final[dict[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
# What the contract's columns mean; docs/formats.md says it at more length.
COLUMN_TEXTS: Final = {
    "image_id": "Unique name of the image.",
    "path": "File of the image; relative paths start at the folder of the table.",
    "diagnosis": "Diagnosis as a code: MEL, NV, BCC, AK, AKIEC, BKL, DF, VASC, SCC and others.",
    "target": "Class to learn: a diagnosis code, or benign and malignant.",
    "lesion_id": "Lesion; its images stay in one split.",
    "patient_id": "Patient; all images stay in one split.",
    "split": "train, val or test.",
    "age": "Age of the patient in years.",
    "sex": "Sex of the patient.",
    "site": "Anatomical site.",
    "skin_type": "Fitzpatrick skin type.",
    "image_type": "dermoscopic or clinical.",
    "source": "Data set or device that the image comes from.",
    "dx_type": "How the diagnosis was made.",
    "fold": "Number of the fold, from 0.",
}


def write_croissant(
    manifest: Manifest,
    table: str | Path,
    out: str | Path,
    *,
    name: str = "",
    licence: str = "",
    citation: Sequence[str] = (),
    url: str = "",
) -> None:
    """Write the Croissant description of a manifest that lies in a file.

    Args:
        manifest: what the file holds.
        table: the CSV that `manifest.write` wrote.
        out: the JSON-LD file to write; it names the table by its place relative to itself.
        name: of the data set; that of the file when empty.
        licence: of the images, as text or address; left out when empty, which a validator warns of.
        citation: how to cite them.
        url: page of the data set.

    Example:
        >>> table = pd.DataFrame({"image_id": ["a"], "path": ["/a.jpg"], "target": ["NV"]})
        >>> manifest = Manifest(table, origin="memory")
        >>> manifest.write(folder / "m.csv")
        >>> write_croissant(manifest, folder / "m.csv", folder / "croissant.json", licence="CC0-1.0")
        >>> (folder / "croissant.json").is_file()
        True
    """
    table, out = Path(table), Path(out)
    place = os.path.relpath(table.resolve(), out.resolve().parent)
    stated = {"license": licence, "citeAs": " ".join(citation), "url": url}
    counts = ", ".join(f"{n:,} {target}" for target, n in manifest.table["target"].value_counts().items())
    write_json(
        out,
        {
            "@context": CONTEXT,
            "@type": "sc:Dataset",
            "name": name or table.stem,
            "description": f"{counted(len(manifest), 'photograph')} of skin lesions, one row per image: {counts}.",
            "conformsTo": "http://mlcommons.org/croissant/1.0",
            "version": "1.0.0",
            "datePublished": dt.datetime.now(dt.UTC).date().isoformat(),
            **{key: text for key, text in stated.items() if text},
            "distribution": [
                {
                    "@type": "cr:FileObject",
                    "@id": "manifest",
                    "name": table.name,
                    "contentUrl": Path(place).as_posix(),
                    "encodingFormat": "text/csv",
                    "sha256": sha256_of(table),
                }
            ],
            "recordSet": [
                {
                    "@type": "cr:RecordSet",
                    "@id": "images",
                    "name": "images",
                    "description": "One record per image.",
                    "key": {"@id": "images/image_id"},
                    "field": [_field(str(column), manifest.table[column]) for column in manifest.table],
                }
            ],
        },
    )


def _field(column: str, values: "pd.Series[Any]") -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"images/{column}",
        "name": column,
        "description": COLUMN_TEXTS.get(column, "Further column of the data set, as it was given."),
        "dataType": _data_type(values),
        "source": {"fileObject": {"@id": "manifest"}, "extract": {"column": column}},
    }


def _data_type(values: "pd.Series[Any]") -> str:
    if pd.api.types.is_bool_dtype(values):
        return "sc:Boolean"
    if pd.api.types.is_integer_dtype(values):
        return "sc:Integer"
    return "sc:Float" if pd.api.types.is_float_dtype(values) else "sc:Text"
