#!/usr/bin/env bash
# crepes smooths p-values with random numbers by default. Two calls for the same image give different p-values, and sometimes another set of diagnoses.
# Seen: two different sets in 200 calls for one image; with smoothing=False always the same set.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('crepes==0.9.1' 'scikit-learn==1.9.1' 'numpy==2.4.6' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from crepes import ConformalClassifier

rng = np.random.default_rng(0)
calibration = rng.uniform(size=30).round(1)
image = np.array([[0.9, 0.8, 0.3]])
model = ConformalClassifier().fit(calibration)
found = {tuple(np.asarray(model.predict_set(image, confidence=0.9)).astype(int)[0].tolist()) for _ in range(200)}
fixed = {tuple(np.asarray(model.predict_set(image, confidence=0.9, smoothing=False)).astype(int)[0].tolist()) for _ in range(200)}
print("sets of one image in 200 calls, by default:", sorted(found))
print("with smoothing=False:", sorted(fixed))
raise SystemExit(not (len(found) > 1 and len(fixed) == 1))
PY
