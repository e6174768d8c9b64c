#!/usr/bin/env bash
# A class without images in torchmetrics: macro AUROC always counts it as 0, macro accuracy counts it as 0 only if some image was predicted as it, and
# average precision without a positive image is minus zero.
# Seen: macro AUROC 0.6667 for two classes without an error; macro accuracy 0.875, and 0.5833 once an image is predicted as the absent class; -0.0.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('torch==2.12.1' 'torchmetrics==1.9.0' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import math

import torch
from torchmetrics.classification import BinaryAveragePrecision, MulticlassAccuracy, MulticlassAUROC

truth = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
rows = torch.tensor([[0.8, 0.1, 0.1]] * 4 + [[0.1, 0.8, 0.1]] * 4)
area = float(MulticlassAUROC(num_classes=3)(rows, truth))
print("two classes told apart without an error, a third without images: macro AUROC", round(area, 4))
never = float(MulticlassAccuracy(num_classes=3)(torch.tensor([0, 0, 0, 1, 1, 1, 1, 1]), truth))
once = float(MulticlassAccuracy(num_classes=3)(torch.tensor([0, 0, 0, 2, 1, 1, 1, 1]), truth))
print("one error, called the other class:", never, " called the absent class:", round(once, 4), " (mean recall: 0.875 both times)")
nothing = float(BinaryAveragePrecision()(torch.tensor([0.2, 0.7]), torch.tensor([0, 0])))
print("average precision without a positive:", nothing)
raise SystemExit(not (abs(area - 2 / 3) < 1e-6 and never == 0.875 and abs(once - 1.75 / 3) < 1e-6 and math.copysign(1, nothing) == -1))
PY
