#!/usr/bin/env bash
# The scorer of the ISIC challenge counts an image as wrong if two classes share its highest probability, whichever class is true. Rounding the
# submitted probabilities to one decimal therefore costs balanced accuracy that argmax keeps.
# Seen: exact probabilities 0.7367 by both; rounded to one decimal 0.7067 by the scorer, 0.7267 by scikit-learn on argmax.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('isic-challenge-scoring==5.6.0' 'scikit-learn==1.9.1' 'numpy==2.4.6' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
import pandas as pd
from isic_challenge_scoring.metrics import balanced_multiclass_accuracy
from sklearn.metrics import balanced_accuracy_score

rng = np.random.default_rng(0)
target = np.arange(300) % 3
logits = rng.normal(size=(300, 3)) + 1.2 * np.eye(3)[target]
exact = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
found = {}
for name, said in (("exact", exact), ("one decimal", exact.round(1))):
    table = pd.DataFrame(said, columns=["MEL", "NV", "BKL"])
    truth = pd.DataFrame(np.eye(3)[target], columns=table.columns)
    found[name] = float(balanced_multiclass_accuracy(truth, table, pd.Series(np.ones(300)))), float(balanced_accuracy_score(target, said.argmax(axis=1)))
    print(f"{name}: challenge scorer {found[name][0]:.4f}, scikit-learn on argmax {found[name][1]:.4f}")
raise SystemExit(not (abs(found["exact"][0] - found["exact"][1]) < 1e-12 and found["one decimal"][0] < found["one decimal"][1] - 0.01))
PY
