#!/usr/bin/env bash
# The DeLong test of MLstatkit gives p = 0 for two scores with the same ranking (one is the square of the other). That is the strongest possible evidence
# of a difference between two models that never differ.
# Seen: both AUROCs 0.7888, z 0.0, p 0.0.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('MLstatkit==0.1.91' 'numpy==2.4.6' 'scipy==1.17.1' 'scikit-learn==1.9.1')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from MLstatkit import Delong_test

rng = np.random.default_rng(0)
truth = np.tile([0, 1], 40)
score = np.clip(rng.normal(0.4 + 0.2 * truth, 0.2), 0.01, 0.99)
found = Delong_test(truth, score, score**2)
print("AUROCs", round(found[4], 4), round(found[5], 4), " z", found[0], " p", found[1])
raise SystemExit(not (found[4] == found[5] and found[1] == 0.0))
PY
