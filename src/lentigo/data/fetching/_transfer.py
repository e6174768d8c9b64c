"""One request for what is missing of a file, and the part file that it is appended to.

What has come so far is `<name>.<mark>.part`. The mark stands for the version of the file on the server (its ETag), so
that the two halves of a file that changed in between are never joined.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import requests
import urllib3

TIMEOUT_S: Final = (10, 60)  # to connect, between two pieces
PIECE: Final = 1 << 20
BUSY: Final = (429, 500, 502, 503, 504)


class UnavailableError(Exception):
    """This address does not give the file; another one may."""


class LostError(Exception):
    """The connection was lost or refused, or the server is busy: asking again may help.

    Args:
        reason: what happened, to finish a sentence.
        pause_s: how long the server wants to be left alone.
    """

    def __init__(self, reason: str, *, pause_s: float = 0.0) -> None:
        super().__init__(reason)
        self.pause_s = pause_s


def receive(session: requests.Session, address: str, target: Path, heard: Callable[[int, int | None], None]) -> None:
    """Ask for what is missing of a file, append it, and give it its name when it is whole.

    Args:
        session: what asks.
        address: of the whole file.
        target: the name in the end.
        heard: is told how many bytes are here, and of how many (None: not told).

    Raises:
        UnavailableError: asking this address again is of no use.
        LostError: asking again may help; what came is in the part file.
    """
    host = urlsplit(address).hostname or address
    try:
        _receive(session, address, target, heard)
    except requests.ConnectionError as error:
        raise LostError(f"{host} cannot be reached ({why(error)})") from error
    except (requests.Timeout, requests.exceptions.ChunkedEncodingError, urllib3.exceptions.HTTPError) as error:
        raise LostError(f"the connection to {host} was lost ({why(error)})") from error
    except requests.RequestException as error:
        raise UnavailableError(f"{address}: {error}") from error


def part_size(target: Path) -> int:
    """Return how many bytes of a file have come so far."""
    part = _find_part(target)
    return part.stat().st_size if part else 0


def why(error: BaseException) -> str:
    """Return in a few words why a connection failed.

    Example:
        >>> why(requests.ReadTimeout())
        'no answer in time'
    """
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    chain: list[BaseException] = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and inner not in chain:
        chain.append(inner)
    reasons = [link.strerror for link in chain if isinstance(link, OSError) and link.strerror]
    return reasons[-1].lower() if reasons else "it broke off"


def _receive(session: requests.Session, address: str, target: Path, heard: Callable[[int, int | None], None]) -> None:
    part = _find_part(target)
    start = part.stat().st_size if part else 0
    headers = {"Range": f"bytes={start}-"} if start else {}
    with session.get(address, headers=headers, stream=True, timeout=TIMEOUT_S) as response:
        if part is None or not _continues(response, part, start):
            if response.status_code in {206, 416}:  # another version, or too much: from the beginning
                _discard_parts(target)
                response.close()
                _receive(session, address, target, heard)
                return
            _raise_for_status(response, address)
            _discard_parts(target)
            part, start = target.with_name(f"{target.name}.{_mark(response)}.part"), 0
        length = response.headers.get("Content-Length")
        total = None if length is None else start + int(length)
        with part.open("ab") as stream:
            while piece := response.raw.read1(PIECE):  # what is there now: iter_content loses the end before a cut
                stream.write(piece)
                heard(stream.tell(), total)
    part.replace(target)  # a body that ends early is an IncompleteRead of urllib3


def _raise_for_status(response: requests.Response, address: str) -> None:
    """Raise unless an answer carries the file.

    Raises:
        UnavailableError: it never will.
        LostError: the server is busy.
    """
    if response.ok:
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            raise UnavailableError(f"{address} returned a web page instead of the file (a login? a proxy?)")
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":  # its length and its ranges would not be those of the file
            raise UnavailableError(f"{address} has the content encoding {encoding}, which was not requested")
        return
    status = f"returned {response.status_code} {response.reason}".strip()
    if response.status_code not in BUSY:
        raise UnavailableError(f"{address} {status}")
    wanted = response.headers.get("Retry-After", "")
    raise LostError(f"{address} {status}", pause_s=float(wanted) if wanted.isdecimal() else 0.0)


def _continues(response: requests.Response, part: Path, start: int) -> bool:
    """Return whether an answer is the rest of the very file that `part` begins."""
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    is_rest = response.status_code == 206 and found is not None and int(found[1]) == start
    return is_rest and part.name.endswith(f".{_mark(response)}.part")


def _mark(response: requests.Response) -> str:
    """Return eight letters for the version of the file that a server offers."""
    total = response.headers.get("Content-Range", "").rpartition("/")[2] or response.headers.get("Content-Length", "")
    version = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
    return hashlib.sha256(f"{version}|{total}".encode()).hexdigest()[:8]


def _parts(target: Path) -> list[Path]:
    name = re.compile(re.escape(target.name) + r"\.[0-9a-f]{8}\.part")
    return sorted(path for path in target.parent.iterdir() if name.fullmatch(path.name))


def _find_part(target: Path) -> Path | None:
    parts = _parts(target)
    return parts[0] if parts else None


def _discard_parts(target: Path) -> None:
    for part in _parts(target):
        part.unlink()
