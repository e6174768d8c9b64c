#!/usr/bin/env bash
# The BOX filter of Pillow is an area average only for whole factors. From 256 to 192 pixels it takes whole pixels (one or two each) and differs
# from OpenCV's INTER_AREA by tens of grey levels; from 256 to 128 both agree within one.
# Seen: largest difference 1 of 255 at 128 pixels, 51 of 255 at 192 pixels.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('pillow==13.0.0' 'opencv-python-headless==5.0.0.93' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import cv2
import numpy as np
from PIL import Image

pixels = np.clip(np.random.default_rng(0).normal(128, 25, (256, 256)), 0, 255).astype(np.uint8)
apart = {}
for side in (128, 192):
    box = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.BOX)).astype(int)
    area = cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA).astype(int)
    apart[side] = int(np.abs(box - area).max())
    print(f"256 to {side}: BOX and INTER_AREA at most {apart[side]} of 255 apart, mean {np.abs(box - area).mean():.2f}")
weights = [np.asarray(Image.fromarray(np.eye(4, dtype=np.uint8)[k : k + 1] * 240).resize((3, 1), Image.Resampling.BOX))[0].tolist() for k in range(4)]
print("four pixels to three, what each input pixel gives to the outputs (of 240):", weights)
raise SystemExit(not (apart[128] <= 1 and apart[192] > 20))
PY
