"""How the ranks that did not prepare the data come to them: from the frozen run folder, decoded once a machine."""

import socket
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lentigo.config import Config
from lentigo.errors import DataError, LentigoError
from lentigo.images import Pixels, Preprocess, cached_pixels, known_pixels, refuse_unreadable
from lentigo.progress import Track, silent
from lentigo.stages._prepare import PreparedImages
from lentigo.stages._run_folder import Run
from lentigo.storage import sha256_of
from lentigo.training import Ranks
from lentigo.wording import counted

PATIENCE_S = 60  # a network file system may show a new folder to other machines that late


def share_prepared(
    run: Run, config: Config, prepared: PreparedImages | None, *, ranks: Ranks, track: Track
) -> PreparedImages:
    """Return the examples that the first rank has prepared, on every rank.

    Args:
        run: started by the first rank.
        config: its settings.
        prepared: on the first rank what it has prepared; None on the others.
        ranks: those that train together.
        track: draws progress of decoding, on the first rank.

    Raises:
        LentigoError: a rank does not see the run folder.
        DataError: the images of a machine are others than those of the first rank.
    """
    if ranks.size == 1 and prepared is not None:
        return prepared
    paths, digests, rows, manifest_sha256 = ranks.from_first(lambda: _what_to_share(run, prepared))
    preprocess = Preprocess(config.image)
    pixels: Pixels | None = None
    with ranks.stage():
        if ranks.launch.local_rank == 0:
            # The first rank has seen the bytes of all images; on other machines they are read to make sure of them.
            pixels = known_pixels(digests, preprocess) if ranks.is_first else None
            if pixels is None:
                pixels = cached_pixels(paths, preprocess, track=track if ranks.is_first else silent)
                _refuse_others(pixels, digests, paths)
                refuse_unreadable(pixels.problems)
    with ranks.stage():
        if pixels is None and (pixels := known_pixels(digests, preprocess)) is None:
            raise LentigoError("the decoded images are gone from the cache folder. Name another with LENTIGO_CACHE.")
        if prepared is None:
            _wait_for(run.manifest_path, manifest_sha256)
            prepared = PreparedImages(run.manifest(), pixels, rows, None, run.manifest())
    assert prepared is not None
    assert pixels is not None
    return PreparedImages(prepared.manifest, pixels, rows, prepared.audit, prepared.found)


def _what_to_share(
    run: Run, prepared: PreparedImages | None
) -> tuple[list[Path], tuple[str, ...], NDArray[np.int64], str]:
    """Return the paths and digests of the decoded images, where each of the manifest stands, and the manifest's SHA."""
    assert prepared is not None
    sha256 = sha256_of(run.manifest_path)
    pixels, rows = prepared.pixels, prepared.rows
    if not pixels.problems:
        return prepared.found.paths, pixels.digests, rows, sha256
    # An array with unreadable images is never kept, so those that are used get one of their own.
    return prepared.manifest.paths, tuple(pixels.digests[row] for row in rows), np.arange(len(rows)), sha256


def _refuse_others(pixels: Pixels, digests: tuple[str, ...], paths: list[Path]) -> None:
    differing = [path for path, own, wanted in zip(paths, pixels.digests, digests, strict=True) if own != wanted]
    if differing:
        raise DataError(
            f"{counted(len(differing), 'image')} on {socket.gethostname()} missing or unlike those of the first rank's "
            f"machine, such as {differing[0]}. Put the data on a file system that all machines share."
        )


def _wait_for(path: Path, sha256: str) -> None:
    # The run that --force has replaced may still be seen for a while.
    until = time.monotonic() + PATIENCE_S
    while not path.is_file() or sha256_of(path) != sha256:
        if time.monotonic() > until:
            raise LentigoError(
                f"{path} differs on {socket.gethostname()} from what the first rank wrote. "
                "Put --out on a file system that all machines share."
            )
        list(path.parent.parent.glob("*"))  # makes a network file system look again
        time.sleep(0.5)
