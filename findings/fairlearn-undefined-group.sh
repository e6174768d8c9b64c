#!/usr/bin/env bash
# MetricFrame.difference() of fairlearn ignores a group whose metric is NaN, without a warning. Where the metric returns scikit-learn's default of 0 for such
# a group, the group counts as 0. A person whose group is missing raises an error.
# Seen: a site without malignant images has recall 0.0 and makes the difference 1.0; with NaN the difference is 0.5; a missing site: ValueError.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('fairlearn==0.15.0' 'scikit-learn==1.9.1' 'numpy==2.4.6' 'pandas==3.1.1')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from fairlearn.metrics import MetricFrame
from sklearn.metrics import recall_score

truth, said = np.array([1, 1, 1, 1, 0, 0]), np.array([1, 0, 1, 1, 0, 0])
site = np.array(["arm", "arm", "leg", "leg", "palm", "palm"])  # no malignant image of a palm


def frame(undefined):
    return MetricFrame(metrics=lambda t, s: recall_score(t, s, zero_division=undefined), y_true=truth, y_pred=said, sensitive_features=site)


found = {name: (frame(value).by_group["palm"], frame(value).difference()) for name, value in (("0, the default", 0.0), ("NaN", np.nan))}
for name, (palm, difference) in found.items():
    print(f"undefined recall is {name}: palm {palm}, difference between groups {difference}")
try:
    MetricFrame(metrics=recall_score, y_true=truth, y_pred=said, sensitive_features=np.array(["arm", "arm", "leg", "leg", None, None], dtype=object))
    missing = "taken"
except ValueError as error:
    missing = str(error)
print("two people without a site:", missing)
raise SystemExit(not (found["NaN"][1] == 0.5 and found["0, the default"][1] == 1.0 and "missing" in missing))
PY
