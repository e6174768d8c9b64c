"""What was fetched, in two files beside the data: SOURCE.md for people, source.json for programs.

source.json is written last: a folder that has it is complete.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lentigo.data.fetching._catalogue import PublicSet
from lentigo.storage import read_json, write_json, write_text

SCHEMA_VERSION: Final = 1
SOURCE_JSON: Final = "source.json"
LOCK: Final = ".fetch.lock"
SOURCE_MD: Final = "SOURCE.md"


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """One downloaded file.

    Args:
        name: as the publisher calls it.
        target: the file or folder that it has become.
        bytes: its size.
        sha256: of the download, before unpacking.
        checked: what it was compared with; empty where no checksum is published.

    Example:
        >>> FetchedFile("x.zip", target="x", bytes=3, sha256="ab", checked="").is_verified
        False
    """

    name: str
    target: str
    bytes: int
    sha256: str
    checked: str

    @property
    def is_verified(self) -> bool:
        """Whether a published checksum was met."""
        return bool(self.checked)


@dataclass(frozen=True, slots=True)
class FetchedSet:
    """A public set on disk.

    Args:
        name: of the set.
        folder: where it lies; what `read_data` takes.
        files: what was downloaded.
        is_new: False where the folder was complete already and nothing was asked of the network.

    Example:
        >>> FetchedSet("ham10000", folder=Path("ham10000"), files=(), is_new=False).folder.name
        'ham10000'
    """

    name: str
    folder: Path
    files: tuple[FetchedFile, ...]
    is_new: bool


def read_files(path: Path) -> dict[str, FetchedFile]:
    """Return the files that a source.json (or the journal of an unfinished fetch) lists; none where there is no such.

    Example:
        >>> read_files(folder / "source.json")
        {}
    """
    if not path.is_file():
        return {}
    return {entry["name"]: FetchedFile(**entry) for entry in read_json(path).get("files", [])}


def write_record(folder: Path, about: PublicSet, files: Sequence[FetchedFile], **details: Any) -> None:
    """Write SOURCE.md and then source.json into a set's folder.

    Args:
        folder: the set's folder.
        about: title, licence and citation.
        files: what was downloaded.
        details: more to be kept, such as the query.

    Example:
        >>> from lentigo.data.fetching import find_set
        >>> write_record(folder, find_set("isic2016"), [])
        >>> "CC0 1.0" in (folder / "SOURCE.md").read_text()
        True
    """
    day = datetime.now(UTC).date().isoformat()
    write_text(folder / SOURCE_MD, _page(about, files, day, details))
    payload = {
        "schema_version": SCHEMA_VERSION,
        "name": about.name,
        "title": about.title,
        "licence": about.licence,
        "licence_url": about.licence_url,
        "homepage": about.homepage,
        "doi": about.doi or None,
        "citation": list(about.citation),
        "fetched": day,
        **details,
        "files": [asdict(file) for file in files],
    }
    write_json(folder / SOURCE_JSON, payload)


def _page(about: PublicSet, files: Sequence[FetchedFile], day: str, details: dict[str, Any]) -> str:
    lines = [f"# {about.title}", "", f"Fetched on {day} with `lentigo fetch {about.name}`.", ""]
    lines += [f"- {name}: {value}" for name, value in details.items()]
    lines += [f"- Homepage: {about.homepage}"]
    lines += [f"- DOI: https://doi.org/{about.doi}"] if about.doi else []
    lines += [f"- Licence: {about.licence}, {about.licence_url}", "", "## How to cite", ""]
    lines += [f"{number}. {text}" for number, text in enumerate(about.citation, 1)]
    if about.cautions:
        lines += ["", "## Mind", "", *(f"- {text}" for text in about.cautions)]
    if files:
        lines += ["", "## Files as they came", "", "| file | bytes | SHA-256 | compared with |", "|---|---|---|---|"]
    for file in files:
        checked = file.checked or "nothing: no checksum is published"
        lines.append(f"| {file.name} | {file.bytes:,} | `{file.sha256}` | {checked} |")
    return "\n".join(lines) + "\n"
