"""`lentigo doctor`: what is installed, what this machine has, and how long a thousand photographs will take here.

Packages are looked for, never imported, so that the answer comes in a second where nothing is missing and in a second
where all is; PyTorch alone is asked for its GPU, in a process of its own, because loading it takes seconds and memory.
"""

import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from lentigo import __version__
from lentigo.errors import LentigoError
from lentigo.extras import extras, packages_of
from lentigo.installing import install_line
from lentigo.model import cpu_flags, has_any, multiplies_bfloat16, open_model

N_TIMED = 12
"""Photographs that are timed: a median of twelve moved by less than a tenth between runs on two busy cores."""

TIMED_SIZE = (768, 576)
"""Width and height of the timed photographs, in pixels: between HAM10000's (600 x 450) and ISIC's largest."""

_ASK_TORCH = (
    "import torch; print(torch.cuda.get_device_name(0) if torch.cuda.is_available() "
    "else 'Apple GPU' if torch.backends.mps.is_available() else '')"
)


@dataclass(frozen=True, slots=True)
class Extra:
    """Whether an extra is installed.

    Args:
        name: "lab".
        missing: packages of it that are not installed, by import name; empty when it is complete.
        install: the line that installs it.

    Example:
        >>> Extra("lab", (), "pip install x").is_installed
        True
    """

    name: str
    missing: tuple[str, ...]
    install: str

    @property
    def is_installed(self) -> bool:
        """Whether no package of it is missing."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Health:
    """What is installed, what the machine has, and how fast the shipped model is on it.

    Args:
        lentigo: version.
        python: version.
        system: operating system and processor architecture.
        packages: version of each base package; "missing" where it is not installed.
        extras: one each.
        gpu: name of the GPU that PyTorch sees; empty for none, None where PyTorch is not installed or fails to load.
        n_threads: processor cores that this process may use.
        bfloat16: whether the processor multiplies bfloat16; None where the system does not tell.
        vnni: whether it has the 8-bit products (VNNI) that an int8 bundle is fast with; None as above.
        seconds_per_thousand: to predict 1,000 photographs with the shipped model; None where it was not measured.
        fault: why the shipped model does not predict; empty where it does or was not tried.

    Example:
        >>> Health.__slots__[0]
        'lentigo'
    """

    lentigo: str
    python: str
    system: str
    packages: dict[str, str]
    extras: tuple[Extra, ...]
    gpu: str | None
    n_threads: int
    bfloat16: bool | None
    vnni: bool | None
    seconds_per_thousand: float | None
    fault: str = ""

    def json(self) -> dict[str, Any]:
        """Return the record as JSON types."""
        return asdict(self)


def examine(*, is_timed: bool = True) -> Health:
    """Return what is installed, what the machine has and, measured, how fast the shipped model is on it.

    Args:
        is_timed: whether to measure the time.

    Example:
        >>> examine(is_timed=False).extras[0].name
        'lab'
    """
    flags = cpu_flags()
    seconds, fault = _timed() if is_timed else (None, "")
    return Health(
        lentigo=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        packages={name: _version(name) for name in ("numpy", "Pillow", "onnxruntime", "click", "rich")},
        extras=tuple(
            Extra(name, tuple(one for one in packages_of(name) if find_spec(one) is None), install_line(name))
            for name in extras()
        ),
        gpu=_gpu() if find_spec("torch") else None,
        n_threads=_n_threads(),
        bfloat16=None if flags is None else multiplies_bfloat16(flags),
        vnni=has_any(flags, ("avx512_vnni", "avx_vnni", "asimddp")),
        seconds_per_thousand=seconds,
        fault=fault,
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _n_threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu() -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - this Python and a constant
            [sys.executable, "-c", _ASK_TORCH], capture_output=True, text=True, timeout=120, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _timed() -> tuple[float | None, str]:
    """Return the seconds, or why there are none: a model that fails must not hide the rest of the record."""
    try:
        return _seconds_per_thousand(), ""
    except (LentigoError, ImportError) as error:
        return None, str(error)


def _seconds_per_thousand() -> float:
    """Return how long a thousand photographs will take; the shipped model answers drawn ones, decoding included."""
    import io

    import numpy as np
    from PIL import Image

    rng = np.random.default_rng(0)
    width, height = TIMED_SIZE
    small = rng.integers(120, 220, (height // 16, width // 16, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(small).resize(TIMED_SIZE, Image.Resampling.BICUBIC).save(stream, format="JPEG", quality=92)
    photographs, names = [stream.getvalue()] * N_TIMED, [f"{number}.jpg" for number in range(N_TIMED)]
    model = open_model("lentigo")
    list(model.answers(photographs[:2], names=names[:2]))  # the first answer also loads and warms
    started = time.perf_counter()
    list(model.answers(photographs, names=names))
    return 1000 * (time.perf_counter() - started) / N_TIMED
