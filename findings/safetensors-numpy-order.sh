#!/usr/bin/env bash
# safetensors.numpy writes the memory of an array that is not in C order under the array's shape. A transposed matrix, or every second value of an
# array, is read back as other numbers, without an error (safetensors.torch rejects such tensors).
# Seen: [[0, 3], [1, 4], [2, 5]] comes back as [[0, 1], [2, 3], [4, 5]], and [0, 2, 4, 6, 8] as [0, 1, 2, 3, 4].
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('safetensors==0.8.0' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from safetensors.numpy import load, save

matrix = np.arange(6, dtype=np.float32).reshape(2, 3).T
every_second = np.arange(10, dtype=np.float32)[::2]
back = load(save({"matrix": matrix, "every_second": every_second}))
print("saved ", matrix.tolist(), every_second.tolist())
print("loaded", back["matrix"].tolist(), back["every_second"].tolist())
same_shape = back["matrix"].shape == matrix.shape
raise SystemExit(not (same_shape and not np.array_equal(back["matrix"], matrix) and not np.array_equal(back["every_second"], every_second)))
PY
