#!/usr/bin/env bash
# usearch fills the missing neighbours of a batch search with key 0, which may be a key of the index; `counts` tells how many are real. A search for
# one vector returns a shorter result instead. hnswlib raises an error, and faiss writes -1 for missing neighbours.
# Seen: keys 11, 0, 12, 0, 0 with counts 3 for a batch of two; keys 11, 0, 12 for one vector.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('usearch==2.26.6' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from usearch.index import Index

rows = np.random.default_rng(0).normal(size=(3, 16)).astype(np.float32)
index = Index(ndim=16, metric="cos", dtype="f32")
index.add(np.array([0, 11, 12]), rows)
batch, single = index.search(rows[1:], 5), index.search(rows[1], 5)
print("batch keys", batch.keys.tolist(), "distances", batch.distances.round(2).tolist(), "counts", batch.counts.tolist())
print("single keys", single.keys.tolist())
padded = batch.keys[:, 3:]
raise SystemExit(not ((padded == 0).all() and (batch.keys[:, :3] == 0).any(axis=1).all() and list(batch.counts) == [3, 3] and len(single.keys) == 3))
PY
