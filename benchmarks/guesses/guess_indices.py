"""Answers L11 to L16 of docs/guesses.md: near copies among 100,000 embeddings, by the defaults of three libraries.

    python benchmarks/guesses/guess_indices.py [l11 ...]

SIZE in the environment is another number of them.
"""

import os
import time

import numpy as np
from asking import answer_all

SIZE = int(os.environ.get("SIZE", "100000"))
WIDTH, ASKED, NEIGHBOURS = 64, 1000, 5


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


RNG = np.random.default_rng(0)
# Embeddings lie in clusters: 2,000 centres with a spread of half their distance.
ROWS = unit(RNG.normal(size=(2000, WIDTH))[RNG.integers(2000, size=SIZE)] + 0.5 * RNG.normal(size=(SIZE, WIDTH)))
PARTNERS = RNG.choice(SIZE, ASKED, replace=False)
NEAR = unit(ROWS[PARTNERS] + 0.02 * RNG.normal(size=(ASKED, WIDTH)))


def usearch(rows: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from usearch.index import Index

    index = Index(ndim=WIDTH)
    index.add(np.arange(len(rows)), rows, threads=1)
    found = index.search(asked, NEIGHBOURS, threads=1)
    return found.keys, found.distances


def hnswlib(rows: np.ndarray, asked: np.ndarray, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    import hnswlib as library

    index = library.Index("cosine", WIDTH)
    index.init_index(len(rows))
    index.add_items(rows, np.arange(len(rows)), num_threads=threads)
    return index.knn_query(asked, NEIGHBOURS, num_threads=1)


def faiss(rows: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import faiss as library

    library.omp_set_num_threads(1)
    index = library.IndexHNSWFlat(WIDTH, 32)
    index.add(rows)
    distances, keys = index.search(asked, NEIGHBOURS)
    return keys, distances


LIBRARIES = {"usearch": usearch, "hnswlib": hnswlib, "faiss": faiss}
EXACT: dict[str, tuple[np.ndarray, np.ndarray]] = {}


def recall(keys: np.ndarray) -> float:
    return float((keys == PARTNERS[:, None]).any(axis=1).mean())


def l11() -> object:
    answers = {}
    for name, search in LIBRARIES.items():
        started = time.process_time()
        keys, distances = search(ROWS, np.concatenate([NEAR, ROWS[PARTNERS]]))
        EXACT[name] = keys[ASKED:], distances[ASKED:]
        answers[name] = f"{recall(keys[:ASKED]):.3f} ({time.process_time() - started:.0f} s)"
    return answers


def l12() -> object:
    return {name: recall(keys) for name, (keys, _) in EXACT.items()}


def l13() -> object:
    return {
        name: f"greatest distance of an exact copy {distances[:, 0].max():.2g}"
        for name, (_, distances) in EXACT.items()
    }


def l14() -> object:
    """1,000 exact copies of one picture among 10,000 others."""
    rows = np.concatenate([ROWS[:10_000], np.repeat(NEAR[:1], 1000, axis=0)])
    answers = {}
    for name, search in LIBRARIES.items():
        keys, _ = search(rows, rows[10_000:])
        is_copy = keys >= 10_000
        answers[name] = f"{is_copy.all(axis=1).mean():.3f} with five copies, {is_copy.any(axis=1).mean():.3f} with one"
    return answers


def l15() -> object:
    first, second = (hnswlib(ROWS[:20_000], NEAR, threads=8)[0] for _ in range(2))
    return f"{(first == second).mean():.4f} of the neighbours equal"


def l16() -> object:
    import faiss as library

    index = library.IndexHNSWFlat(2, 8)
    index.add(np.array([[1, 0], [0, 1]], np.float32))
    return index.metric_type == library.METRIC_L2, index.search(np.array([[1, 0]], np.float32), 2)[0].tolist()


if __name__ == "__main__":
    answer_all(globals(), "l", "usearch hnswlib faiss-cpu numpy")
