"""Answers M1 to M5 of docs/guesses.md: near copies among a million embeddings, each index in a process of its own.

    OMP_NUM_THREADS=1 python benchmarks/guesses/guess_million.py [NAME ...]

SIZE in the environment is another number of embeddings. Printed are recall of the partner among five neighbours (near
copies have a likeness of 0.99, far ones of 0.9), processor seconds of building, microseconds of a question, and the
memory that the index adds to the vectors.
"""

import os
import resource
import subprocess
import sys
import time

import numpy as np
from asking import versions

SIZE = int(os.environ.get("SIZE", "1000000"))
WIDTH, ASKED, NEIGHBOURS, BLOCK = 128, 1000, 5, 50_000
NAMES = ("lentigo", "usearch", "faiss", "faiss-ivf", "faiss-flat", "hnswlib")


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def drawn() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """20,000 clusters with a spread of half their distance; copies with noise that leaves the likeness named."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(20_000, WIDTH)).astype(np.float32)
    rows = np.empty((SIZE, WIDTH), np.float32)
    for start in range(0, SIZE, BLOCK):
        stop = min(start + BLOCK, SIZE)
        noise = rng.normal(size=(stop - start, WIDTH)).astype(np.float32)
        rows[start:stop] = unit(centres[rng.integers(20_000, size=stop - start)] + 0.5 * noise)
    partners = rng.choice(SIZE, ASKED, replace=False)
    asked = {}
    for name, likeness in (("near", 0.99), ("far", 0.9)):
        noise = rng.normal(size=(ASKED, WIDTH)) / np.sqrt(WIDTH)
        asked[name] = unit(likeness * rows[partners] + np.sqrt(1 - likeness**2) * noise)
    return rows, partners, asked


def usearch(rows: np.ndarray, **settings: object):
    from usearch.index import Index

    index = Index(ndim=WIDTH, **settings)
    index.add(np.arange(len(rows)), rows, threads=1)
    return lambda asked: index.search(asked, NEIGHBOURS, threads=1).keys


def hnswlib(rows: np.ndarray):
    import hnswlib as library

    index = library.Index("cosine", WIDTH)
    index.init_index(len(rows))
    index.add_items(rows, np.arange(len(rows)), num_threads=1)
    return lambda asked: index.knn_query(asked, NEIGHBOURS, num_threads=1)[0]


def faiss(rows: np.ndarray, kind: str):
    import faiss as library

    library.omp_set_num_threads(1)
    if kind == "hnsw":
        index = library.IndexHNSWFlat(WIDTH, 32)
    elif kind == "flat":
        index = library.IndexFlatIP(WIDTH)
    else:
        index = library.IndexIVFFlat(library.IndexFlatIP(WIDTH), WIDTH, 1024, library.METRIC_INNER_PRODUCT)
        index.train(rows[:: max(1, len(rows) // 100_000)])
        index.nprobe = 8
    index.add(rows)
    return lambda asked: index.search(asked, NEIGHBOURS)[1]


def built(name: str, rows: np.ndarray):
    if name == "lentigo":  # as in lentigo.study.auditing.duplicates
        return usearch(rows, metric="ip", dtype="f16", connectivity=16, expansion_add=64, expansion_search=32)
    if name == "usearch":
        return usearch(rows)
    return hnswlib(rows) if name == "hnswlib" else faiss(rows, name.partition("-")[2] or "hnsw")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def measure(name: str) -> None:
    rows, partners, asked = drawn()
    before, started = peak(), time.process_time()
    ask = built(name, rows)
    building, started = time.process_time() - started, time.process_time()
    recall = {kind: (np.asarray(ask(copies)) == partners[:, None]).any(axis=1).mean() for kind, copies in asked.items()}
    asking = time.process_time() - started
    print(
        f"{name:10} recall near {recall['near']:.3f} far {recall['far']:.3f}; built in {building:.0f} s, "
        f"{1e6 * asking / (2 * ASKED):.0f} µs a question, {peak() - before:.2f} GiB",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2])
    else:
        print(f"{SIZE:,} x {WIDTH};", ", ".join(versions("usearch hnswlib faiss-cpu numpy")), flush=True)
        for one in sys.argv[1:] or NAMES:
            subprocess.run([sys.executable, __file__, "--one", one], check=True)
