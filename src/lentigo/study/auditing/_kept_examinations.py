"""Examinations kept by content: training again on the same images asks none of the audit's questions again.

Beside kept surveys (`_kept_surveys`), and trusted as little: the name holds a hash of the manifest, the settings, the
seed and all that examines (the source of everything below the audit, the versions of the packages); the file holds the
SHA-256 of every image, which are hashed again before it is used. An examination with unreadable images is not kept.
"""

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import lentigo
from lentigo.config import ImageConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import LentigoError
from lentigo.images import cache_folder
from lentigo.storage import json_bytes, new_file
from lentigo.study.auditing import _kept_surveys as surveys
from lentigo.study.auditing._audit import Audit

if TYPE_CHECKING:
    from lentigo.study.auditing._examining import ExaminedData

PACKAGES: Final = ("numpy", "pandas", "scipy", "scikit-learn", "cleanlab", "usearch", "Pillow")
PARTS: Final = ("images", "data", "numbers", "study/auditing")  # of lentigo: what an audit follows from


def key_of(
    manifest: Manifest, *, malignant: Sequence[str], image: ImageConfig, columns: Mapping[str, str], seed: int
) -> str:
    """Return what tells one examination from another, apart from the content of the images."""
    facts = [
        _examiner(),
        manifest.origin,
        manifest.classes,
        repr(manifest.left_out),
        tuple(malignant),
        repr(image),
        sorted(columns.items()),
        seed,
    ]
    found = hashlib.sha256(json.dumps(facts, default=str).encode())
    for name in manifest.table.columns:
        values = manifest.table[name]
        found.update(f"\0{name}\0{values.dtype}\0".encode())
        found.update("\0".join(map(str, values.tolist())).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def kept_examination(key: str, manifest: Manifest) -> "ExaminedData | None":
    """Return what an earlier examination of the same images by the same means found; None where there is none."""
    place = _place(key)
    if len(manifest) < surveys.WORTH_KEEPING or not surveys.is_own(place):
        return None
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return _read(place, key, surveys.digests_of(manifest.paths))
    return None


def keep_examination(key: str, found: "ExaminedData", digests: Sequence[str]) -> None:
    """Keep an examination of many images, all of them readable."""
    if len(digests) < surveys.WORTH_KEEPING or found.problems:
        return
    about = json_bytes({"key": key, "digests": list(digests), "audit": found.audit.json()})
    tones = found.columns["skin_tone"].to_numpy(dtype=np.str_)
    sizes = found.columns[["width", "height"]].to_numpy(dtype=float)
    # a full or read-only disk costs time next time, and no more
    with (
        contextlib.suppress(OSError, LentigoError),
        new_file(_place(key)) as partial,
        partial.open("wb") as stream,
    ):
        partial.chmod(0o600)
        np.savez(stream, about=np.frombuffer(about, np.uint8), groups=found.groups, tones=tones, sizes=sizes)


def _read(place: Path, key: str, digests: Sequence[str]) -> "ExaminedData":
    from lentigo.study.auditing._examining import ExaminedData

    with place.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        about: dict[str, Any] = json.loads(arrays["about"].tobytes())
        groups, tones, sizes = arrays["groups"], arrays["tones"], arrays["sizes"]
    if about["key"] != key or about["digests"] != list(digests) or len(groups) != len(digests):
        raise ValueError(f"{place} is the examination of other images")
    columns = pd.DataFrame({"skin_tone": pd.Series(tones.tolist(), dtype=object)})
    columns["width"], columns["height"] = sizes.T
    return ExaminedData(Audit.from_json(about["audit"]), groups, {}, columns)


def _place(key: str) -> Path:
    return cache_folder() / f"examined-{key[:48]}.npz"


@cache
def _examiner() -> str:
    here = Path(lentigo.__file__).resolve().parent
    sources = [path for part in PARTS for path in sorted((here / part).rglob("*.py"))] + [here / "taxonomy.py"]
    versions = " ".join([lentigo.__version__, *(f"{name} {metadata.version(name)}" for name in PACKAGES)])
    return hashlib.sha256(b"".join([versions.encode(), *(source.read_bytes() for source in sources)])).hexdigest()
