#!/usr/bin/env bash
# confidenceinterval computes the AUROC in float32 and adds 1e-8 to denominators. A perfect ranking scores 0.99999994 with an interval that excludes 1,
# and 5 of 5 cases found give a sensitivity of 0.99999998.
# Seen: AUROC 0.99999994, interval 0.99999994 to 0.99999994 (scikit-learn: 1.0); sensitivity 0.9999999800000003.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('confidenceinterval==1.0.5' 'scikit-learn==1.9.1' 'numpy==2.4.6' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from confidenceinterval import roc_auc_score, tpr_score
from sklearn.metrics import roc_auc_score as reference

truth = np.array([0] * 10 + [1] * 5)
area, (low, high) = roc_auc_score(truth, np.linspace(0, 1, 15))
rate, ends = tpr_score(truth, truth)
print("perfect ranking: AUROC", area, area.dtype, "interval", float(low), float(high), "; scikit-learn:", reference(truth, np.linspace(0, 1, 15)))
print("5 of 5 found: sensitivity", float(rate), "Wilson", [round(float(end), 4) for end in ends])
raise SystemExit(not (high < 1 and area < 1 and rate < 1))
PY
