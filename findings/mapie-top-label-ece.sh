#!/usr/bin/env bash
# top_label_ece of MAPIE is the plain mean over predicted classes, not over images: three predictions of a rare class count as much as three hundred
# of a common one.
# Seen: 0.4500 by MAPIE; 0.0089 over images (Guo et al. 2017).
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('mapie==1.6.0' 'scikit-learn==1.9.1' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from mapie.metrics.calibration import top_label_ece

# 300 answers "NV" that are right as often as they say (0.9), and 3 answers "DF" that say 0.9 and are all wrong
said = np.array([0] * 300 + [1] * 3)
truth = np.array([0] * 270 + [1] * 30 + [0] * 3)
probability = np.full(303, 0.9)
found = float(top_label_ece(truth, probability, said, num_bins=10))
by_images = abs((truth == said).mean() - 0.9)
print(f"MAPIE top_label_ece {found:.4f}; over images (Guo et al. 2017) {by_images:.4f}")
raise SystemExit(not (abs(found - 0.45) < 1e-9 and by_images < 0.01))
PY
