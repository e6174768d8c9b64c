"""When compiled loops pay: from how many photographs on, by whether this machine has compiled them before."""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Final

from lentigo.errors import LentigoError
from lentigo.images import cache_folder

FEWEST: Final = 500  # photographs: loading numba and the loops takes 0.7 s, a photograph gains 3 to 5 ms
FEWEST_AT_FIRST: Final = 5000  # compiling takes 11 s, once
_LOOPS: Final = "lentigo.study.auditing.compiled._measuring"

logger = logging.getLogger(__name__)


def are_loops_ready(n_images: int) -> bool:
    """Return whether compiled loops measure so many photographs; compile them where that pays.

    They are compiled in a process of their own: it takes memory that the audit needs later, and several workers that
    began together would all do it.

    Example:
        >>> are_loops_ready(10)
        False
    """
    if n_images < FEWEST or importlib.util.find_spec("numba") is None:
        return False
    sign = _sign()
    if sign.is_file():
        return True
    if n_images < FEWEST_AT_FIRST:
        return False
    logger.info("Compiling the loops that measure photographs: some 15 s, once on this machine.")
    # the same modules, whatever has changed this process's path
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", f"import {_LOOPS}"], env=environment, check=False, capture_output=True)  # noqa: S603
    if done.returncode != 0:
        logger.warning("the loops cannot be compiled; NumPy measures the same, more slowly")
        return False
    with contextlib.suppress(OSError, LentigoError):  # then it is asked again next time
        sign.parent.mkdir(parents=True, exist_ok=True)
        sign.touch(mode=0o600)
    return True


def _sign() -> Path:
    """Return the file whose presence says that these very loops were compiled by this Python and numba."""
    sources = sorted(Path(__file__).resolve().parent.glob("*.py"))
    facts = f"{platform.python_version()} {importlib.metadata.version('numba')} {platform.machine()}"
    found = hashlib.sha256(b"".join([facts.encode(), *(source.read_bytes() for source in sources)]))
    return cache_folder() / f"loops-{found.hexdigest()[:16]}"
