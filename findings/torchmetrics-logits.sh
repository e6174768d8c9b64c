#!/usr/bin/env bash
# BinaryAUROC of torchmetrics applies the sigmoid to logits in float32, and decides for each batch separately whether its values are logits.
# A perfect ranking of confident logits scores 0.5, and the score depends on how the images are batched.
# Seen: AUROC 0.5 for logits 20, 25 (negative), 30, 40 (positive); the same eight logits score 1.0 in one batch and 0.9375 in two.
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
import torch
from torchmetrics.classification import BinaryAUROC

logits, truth = torch.tensor([20.0, 25.0, 30.0, 40.0]), torch.tensor([0, 0, 1, 1])
confident = float(BinaryAUROC()(logits, truth))
print("logits 20 and 25 (negative), 30 and 40 (positive): AUROC", confident, "(by ranks: 1.0)")

logits, truth = torch.tensor([0.1, 0.4, 0.6, 0.7, 0.45, -2.0, 1.0, 2.0]), torch.tensor([0, 0, 1, 1, 0, 0, 1, 1])
at_once, in_two = BinaryAUROC(), BinaryAUROC()
at_once.update(logits, truth)
for rows in (slice(0, 4), slice(4, 8)):
    in_two.update(logits[rows], truth[rows])
pair = float(at_once.compute()), float(in_two.compute())
print("the same eight logits in one batch and in two: AUROC", *pair)
raise SystemExit(not (confident == 0.5 and pair == (1.0, 0.9375)))
PY
