"""The line that installs an extra, for wherever this lentigo was installed from.

No line asks an index for the name `lentigo`: whoever registers it there would be invited onto the machine.
"""

import json
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

__all__ = ["install_line"]

NAME = "lentigo"


def install_line(extra: str) -> str:
    """Return a command that installs what an extra needs beside the lentigo that runs.

    A folder, a file or a repository that lentigo came from is named again; where that is not known, the packages of the
    extra are named instead.

    Example:
        >>> install_line("serve").startswith("pip install ")
        True
    """
    origin = _origin()
    if origin is not None:
        return f"pip install {origin.format(extra=extra)}"
    packages = _packages(extra)
    if packages:
        return f"pip install {' '.join(map(_quoted, packages))}"
    return f"pip install 'PATH[{extra}]', where PATH is the folder or the wheel that lentigo was installed from"


def _origin() -> str | None:
    """Return what stands behind `pip install`, with `{extra}` in it; None where nothing is known of it."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "src" / NAME).is_dir():
        return "-e " + _quoted(_braced(str(checkout)) + "[{extra}]")
    try:
        told = json.loads(metadata.distribution(NAME).read_text("direct_url.json") or "{}")
    except (metadata.PackageNotFoundError, ValueError):
        return None
    url = str(told.get("url", ""))
    if "vcs_info" in told:
        commit = told["vcs_info"].get("commit_id", "")
        return _quoted(f"{NAME}[{{extra}}] @ {told['vcs_info'].get('vcs', 'git')}+{_braced(url)}@{commit}")
    parts = urlsplit(url)
    if parts.scheme != "file":
        return _quoted(f"{NAME}[{{extra}}] @ {_braced(url)}") if parts.scheme == "https" else None
    place = Path(url2pathname(parts.path))
    return _quoted(_braced(str(place)) + "[{extra}]") if place.exists() else None


def _packages(extra: str) -> list[str]:
    """Return the packages that an extra asks for, as its lines in the metadata name them."""
    try:
        needed = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        return []
    split = (line.partition(";") for line in needed)
    return [name.strip() for name, _, marker in split if marker.replace('"', "'").strip() == f"extra == '{extra}'"]


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
