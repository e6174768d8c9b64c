"""Thousands of damaged and hostile DICOM objects: `python benchmarks/hostile_dicom.py [--seed 0] [--objects 3000]`.

Through `open_image` and, over the network, through a running receiver. What must hold: nothing but an `ImageError` or a
picture; the receiver answers each object, or closes its connection, and lives on; memory comes back to its level; the
next good object is right. Prints one line a part and ends with 1 where something did not hold.
"""

import argparse
import collections
import gc
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from hostile_inputs.objects import hostile, make, noise, picture
from hostile_inputs.service import resident_mib
from hostile_inputs.storing import DONE, UNHEARD, Archive, knock

from lentigo.errors import ImageError
from lentigo.images import open_image
from lentigo.model import open_model
from lentigo.service.dicom import ModelIdentity, ReceiverSettings, asker, serve

BUNDLE = Path(__file__).parents[1] / "tests" / "fixtures" / "bundle-v1"
PATIENCE_S = 5.0


def resident() -> int:
    """Memory of this process in MiB, after what is no longer used was freed."""
    gc.collect()
    return round(resident_mib(os.getpid()))


def through_open_image(n_objects: int, seed: int) -> dict[str, object]:
    """Every object through `open_image`."""
    good = make(picture())
    right = np.asarray(open_image(good))
    counts: collections.Counter[str] = collections.Counter()
    slowest, before, begin = 0.0, resident(), time.monotonic()
    for content in hostile(n_objects, np.random.default_rng(seed)):
        start = time.monotonic()
        try:
            open_image(content)
            counts["picture"] += 1
        except ImageError:
            counts["ImageError"] += 1
        except Exception as error:  # noqa: BLE001 - what is looked for
            counts[f"WRONG {type(error).__name__}"] += 1
        slowest = max(slowest, time.monotonic() - start)
        if sum(counts.values()) % 200 == 0 and not np.array_equal(np.asarray(open_image(good)), right):
            counts["WRONG good picture"] += 1
    return {
        "part": "open_image",
        **counts,
        "slowest_s": round(slowest, 2),
        "seconds": round(time.monotonic() - begin, 1),
        "memory_mb": [before, resident()],
    }


def through_receiver(n_objects: int, seed: int) -> dict[str, object]:
    """Every object through C-STORE, its data set as it stands; and bytes that are not DICOM at all."""
    bundle = open_model(BUNDLE, threads=1)
    counts: collections.Counter[str] = collections.Counter()
    good = make(picture())

    def check_good(what: str) -> None:
        if archive.store(good) != DONE:
            counts[f"WRONG {what}"] += 1

    begin, slowest = time.monotonic(), 0.0
    with tempfile.TemporaryDirectory() as folder:
        settings = ReceiverSettings(port=0, folder=Path(folder), timeout_s=10, max_object_bytes=20_000_000)
        receiver = serve(settings, asker(bundle), ModelIdentity.of(bundle))
        archive = Archive(receiver.port, PATIENCE_S)
        check_good("first object")
        before = resident()
        for number, content in enumerate(hostile(n_objects, np.random.default_rng(seed + 1))):
            start = time.monotonic()
            status = archive.store(content)
            counts[f"WRONG {status}" if status == UNHEARD else status] += 1
            slowest = max(slowest, time.monotonic() - start)
            if number % 200 == 199:
                check_good("good object")
        archive.close()
        for content in noise(np.random.default_rng(seed + 2), 300):
            knock(receiver.port, content)
            counts["noise"] += 1
        check_good("not alive")
        archive.close()
        after = resident()
        receiver.stop()
    return {
        "part": "C-STORE",
        **counts,
        "slowest_s": round(slowest, 2),
        "seconds": round(time.monotonic() - begin, 1),
        "memory_mb": [before, after],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--objects", type=int, default=3000)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    failed = False
    for part in (through_open_image, through_receiver):
        result = part(chosen.objects, chosen.seed)
        print(json.dumps(result), flush=True)
        failed |= any("WRONG" in key for key in result)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
