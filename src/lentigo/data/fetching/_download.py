"""One file over HTTP: resumed where it was cut, verified, and under its name only when it is whole.

`requests` carries the bytes: it takes proxies and certificates from the environment, follows redirects and notices a
body that ends early, none of which urllib does unasked; httpx does no more here and needs more packages.
"""

import hashlib
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

import requests

from lentigo.data.fetching._transfer import LostError, UnavailableError, part_size, receive
from lentigo.errors import DataError, LentigoError

logger = logging.getLogger(__name__)

# Attempts without a single new byte before giving up: a dead address is told at once, a long download waits minutes.
HASTY: Final = 3
PATIENT: Final = 8
LONGEST_PAUSE_S: Final = 60.0


class Meter(Protocol):
    """Receives the progress of a download."""

    def __call__(self, what: str, done: int, total: int | None, /) -> None:
        """Take note that `done` of `total` bytes (None: not told) of the file `what` are here."""
        ...


def no_meter(what: str, done: int, total: int | None, /) -> None:
    """Hear nothing.

    Example:
        >>> no_meter("images.zip", 5, 10)
    """
    del what, done, total


def open_session() -> requests.Session:
    """Return a session that says who asks and wants files as they are.

    Example:
        >>> open_session().headers["Accept-Encoding"]
        'identity'
    """
    from lentigo import __version__

    session = requests.Session()
    session.headers["User-Agent"] = f"lentigo/{__version__} (research data set download)"
    session.headers["Accept-Encoding"] = "identity"  # lengths and ranges are those of the file
    return session


def download(
    addresses: Sequence[str],
    target: Path,
    *,
    checksum: str = "",
    meter: Meter = no_meter,
    pause_s: float = 1.0,
    session: requests.Session | None = None,
) -> str:
    """Return the SHA-256 of a file that is now whole at `target`.

    Args:
        addresses: where it may be had, tried in order.
        target: its place; the folder exists. A file that is there already is verified and kept.
        checksum: "md5:..." or "sha256:..." that it must have; empty: any.
        meter: hears of the progress.
        pause_s: the first pause after a failure; it doubles from failure to failure.
        session: as `open_session` makes it.

    Raises:
        LentigoError: no address gives it, or it cannot be written; what has come so far is kept.
        DataError: it has another checksum; it is removed.

    Example:
        >>> _ = (folder / "a.txt").write_text("abc")
        >>> download([], folder / "a.txt", checksum="md5:900150983cd24fb0d6963f7d28e17f72")[:8]
        'ba7816bf'
    """
    failures = []
    for address in () if target.is_file() else addresses:
        try:
            _complete(session or open_session(), address, target, meter, pause_s)
            break
        except UnavailableError as error:
            failures.append(str(error))
        except OSError as error:
            raise LentigoError(
                f"{target} cannot be written: {error.strerror or error}. Free some space or choose another place, "
                "then run the command again; what was downloaded is kept."
            ) from error
    if not target.is_file():
        raise LentigoError(
            f"{target.name} cannot be downloaded: {'; '.join(failures)}. Check the network (HTTPS_PROXY if a proxy "
            "is needed) and run the command again; what was downloaded is kept. To use another server, give --mirror."
        )
    return _verify(target, checksum)


def digests_of(path: Path, *names: str) -> list[str]:
    """Return the digests of a file's bytes under the algorithms of these names, read once.

    Example:
        >>> _ = (folder / "a.txt").write_text("abc")
        >>> digests_of(folder / "a.txt", "md5")
        ['900150983cd24fb0d6963f7d28e17f72']
    """
    digests = [hashlib.new(name, usedforsecurity=False) for name in names]
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            for digest in digests:
                digest.update(piece)
    return [digest.hexdigest() for digest in digests]


def _verify(path: Path, checksum: str) -> str:
    """Return the SHA-256 of a file that has the checksum.

    Raises:
        DataError: it has another one.
    """
    algorithm, _, wanted = checksum.partition(":")
    found, *others = digests_of(path, "sha256", *([algorithm] if algorithm else []))
    if algorithm and others[0] != wanted:
        path.unlink()
        raise DataError(
            f"{path.name} is not the file that was published: its {algorithm.upper()} should be {wanted} and is "
            f"{others[0]}. The file was removed; nothing else was changed. Run the command again; if that does not "
            "help, the publisher has changed the file, or something on the network alters it."
        )
    return found


def _complete(session: requests.Session, address: str, target: Path, meter: Meter, pause_s: float) -> None:
    """Receive a file, again and again while anything new comes.

    Raises:
        UnavailableError: this address does not give it.
    """
    n_idle, limit = 0, HASTY
    while True:
        before = part_size(target)
        try:
            receive(session, address, target, lambda done, total: meter(target.name, done, total))
        except LostError as error:
            if part_size(target) > before:
                n_idle, limit = 0, PATIENT
            n_idle += 1
            if n_idle >= limit:
                raise UnavailableError(str(error)) from error
            logger.info("%s: %s; trying again from %.1f MB", target.name, error, part_size(target) / 1e6)
            time.sleep(min(max(error.pause_s, pause_s * 2.0 ** (n_idle - 1)), LONGEST_PAUSE_S))
        else:
            return
