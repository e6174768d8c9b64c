"""How the search for near-duplicates grows with the number of images.

    python benchmarks/duplicates.py IMAGES [SIZE ...]

IMAGES is a folder of photographs. Their thumbnails are made into as many as wanted: each further one mixes two real
ones, shifts the colours and adds noise, so that neighbours are about as near as among real photographs. Measured are
the descriptors, the index and the questions (every window of every picture), which is all whose cost could grow faster
than the number of images; the pixel check looks at a fixed number of pairs an image. The exponent is the slope of log
processor time (which other work on the machine hardly changes) over log size; memory is the peak of the process, which
each size has for itself. Thumbnails are made block by block and not kept: 12 kB an image come on top.
"""

import math
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lentigo.images import open_image
from lentigo.study.auditing.duplicates import THUMB_SIDE, thumbnail
from lentigo.study.auditing.duplicates._candidates import BLOCK, N_NEIGHBOURS, build_index
from lentigo.study.auditing.duplicates._descriptor import WINDOWS, frequencies, invariant
from lentigo.study.auditing.duplicates._thumbnails import opponents

SIZES = (10_000, 100_000, 400_000)
N_REAL = 4_000
N_ASKED = 20_480  # of a size, a sample asks with all windows; the time is scaled up

Thumbs = npt.NDArray[np.uint8]


def main(images: str, sizes: list[int]) -> None:
    times = []
    for size in sizes:
        command = [sys.executable, __file__, "--one", images, str(size)]
        shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        add_s, ask_s, megabytes = map(float, shown.split())
        times.append(add_s + ask_s)
        print(
            f"{size:>8,} images: index {add_s:7.1f} s, questions {ask_s:7.1f} s, "
            f"{1e6 * times[-1] / size:6.0f} µs an image, {megabytes:6.0f} MB at the peak"
        )
    if len(sizes) > 1:
        slope = np.polyfit(np.log(sizes), np.log(times), 1)[0]
        print(f"processor time grows with the number of images to the power of {slope:.2f}")


def measure(images: str, size: int) -> tuple[float, float, float]:
    real = real_thumbs(images)
    descriptors = np.empty((size, invariant(frequencies(opponents(real[:1]))).shape[1]), dtype=np.float32)
    describing_s = 0.0
    for start, thumbs in made(real, size):
        started = time.process_time()
        descriptors[start : start + len(thumbs)] = invariant(frequencies(opponents(thumbs)))
        describing_s += time.process_time() - started
    started = time.process_time()
    index = build_index(descriptors)
    add_s = describing_s + time.process_time() - started
    ask_s, n_asked = 0.0, min(N_ASKED, size)
    for _, thumbs in made(real, n_asked):
        started = time.process_time()
        planes = opponents(thumbs)
        for window in WINDOWS:
            index.search(invariant(frequencies(planes, window)), N_NEIGHBOURS + 1)
        ask_s += time.process_time() - started
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return add_s, ask_s * size / n_asked, peak_kb / 1024


def real_thumbs(images: str) -> Thumbs:
    paths = sorted(path for path in Path(images).rglob("*") if path.suffix.lower() in {".jpg", ".png"})
    chosen = paths[:: math.ceil(len(paths) / N_REAL)]
    return np.stack([thumbnail(open_image(path, draft_side=2 * THUMB_SIDE)) for path in chosen])


def made(real: Thumbs, size: int) -> Iterator[tuple[int, Thumbs]]:
    """Yield blocks of thumbnails made of real ones, always the same for the same number."""
    for start in range(0, size, BLOCK):
        rng = np.random.default_rng(start)
        n = min(BLOCK, size - start)
        first, second = rng.integers(len(real), size=(2, n))
        share = rng.uniform(0.5, 1.0, (n, 1, 1, 1)).astype(np.float32)
        mixed = share * real[first] + (1 - share) * real[second]
        mixed *= rng.uniform(0.9, 1.1, (n, 1, 1, 3)).astype(np.float32)
        mixed += rng.normal(0, 3, mixed.shape[:3]).astype(np.float32)[..., None]
        yield start, mixed.clip(0, 255).astype(np.uint8)


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(*measure(sys.argv[2], int(sys.argv[3])))
    else:
        main(sys.argv[1], [int(size) for size in sys.argv[2:]] or list(SIZES))
