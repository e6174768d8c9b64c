"""Answers M7 of docs/guesses.md: how many copies lentigo's own index of descriptors finds, and what others would find.

    python benchmarks/guesses/guess_descriptors.py IMAGES [SIZE]

Thumbnails are made of real ones as in benchmarks/duplicates.py; 1,000 of them are asked for again with other colours,
noise and turned. Needs faiss-cpu beside lentigo's `lab`.
"""

import sys
import time
from pathlib import Path

import numpy as np
from asking import versions

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from duplicates import made, real_thumbs

from lentigo.study.auditing.duplicates._candidates import N_NEIGHBOURS, build_index
from lentigo.study.auditing.duplicates._descriptor import frequencies, invariant
from lentigo.study.auditing.duplicates._thumbnails import opponents

ASKED = 1000


def main(images: str, size: int = 100_000) -> None:
    import faiss

    faiss.omp_set_num_threads(1)
    print(versions("usearch faiss-cpu numpy"))
    real = real_thumbs(images)
    descriptors = np.concatenate([invariant(frequencies(opponents(thumbs))) for _, thumbs in made(real, size)])
    rng = np.random.default_rng(1)
    asked = np.sort(rng.choice(size, ASKED, replace=False))
    copies = []
    for start, thumbs in made(real, size):
        rows = asked[(asked >= start) & (asked < start + len(thumbs))] - start
        other = thumbs[rows][:, ::-1].transpose(0, 2, 1, 3) * rng.uniform(0.9, 1.1, (len(rows), 1, 1, 3))
        other = (other + rng.normal(0, 3, other.shape)).clip(0, 255).astype(np.uint8)
        copies.append(invariant(frequencies(opponents(other))))
    copied, k = np.concatenate(copies), N_NEIGHBOURS + 1

    def report(name: str, keys: np.ndarray, building: float, started: float) -> None:
        recall = (np.asarray(keys) == asked[:, None]).any(axis=1).mean()
        microseconds = 1e6 * (time.process_time() - started) / ASKED
        print(f"{name:24} recall {recall:.3f}, built in {building:.0f} s, {microseconds:.0f} µs a question", flush=True)

    print(f"{size:,} descriptors of {descriptors.shape[1]} numbers")
    started = time.process_time()
    flat = faiss.IndexFlatIP(descriptors.shape[1])
    flat.add(descriptors)
    report("exact", flat.search(copied, k)[1], 0, started)
    started = time.process_time()
    lists = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(descriptors.shape[1]), descriptors.shape[1], int(size**0.5), faiss.METRIC_INNER_PRODUCT
    )
    lists.train(descriptors[:: max(1, size // 40_000)])
    lists.add(descriptors)
    building, lists.nprobe, started = time.process_time() - started, 8, time.process_time()
    report("faiss IVF, 8 lists asked", lists.search(copied, k)[1], building, started)
    started = time.process_time()
    index = build_index(descriptors)
    building = time.process_time() - started
    for expansion in (32, 64, 128, 256):
        index.expansion_search = expansion
        started = time.process_time()
        report(f"lentigo, asked with {expansion}", index.search(copied, k, threads=1).keys, building, started)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
