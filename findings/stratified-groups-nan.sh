#!/usr/bin/env bash
# StratifiedGroupKFold of scikit-learn treats all images whose group is NaN as one group, without a warning; GroupKFold and LeaveOneGroupOut
# raise an error. If half of the images have no lesion id, they all fall into one fold.
# Seen: of 50 images without a group, one test fold has 50 and the other four have none; the other two splitters: "Input groups contains NaN."
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('scikit-learn==1.9.1' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import numpy as np
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut, StratifiedGroupKFold

groups = np.where(np.arange(100) % 2, np.arange(100.0), np.nan)
truth, rows = np.arange(100) // 2 % 2, np.zeros((100, 1))
found = {}
for splitter in (StratifiedGroupKFold(5), GroupKFold(5), LeaveOneGroupOut()):
    name = type(splitter).__name__
    try:
        found[name] = [int(np.isnan(groups[test]).sum()) for _, test in splitter.split(rows, truth, groups)]
    except ValueError as error:
        found[name] = str(error)
    print(f"{name}: images without a group in each test fold: {found[name]}")
raise SystemExit(not (sorted(found["StratifiedGroupKFold"]) == [0, 0, 0, 0, 50] and all("NaN" in str(found[n]) for n in ("GroupKFold", "LeaveOneGroupOut"))))
PY
