#!/usr/bin/env bash
# torchvision's decode_image(mode=RGB) of a 16-bit PNG is a uint16 tensor, which v2.ToDtype(float32, scale=True) takes for what it is, while dividing by 255,
# as for every other file, gives values up to 257; OpenCV and Pillow give 8 bits.
# Exits with 1 when this is no longer so.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('torch==2.15.0' 'torchvision==0.29.2' 'opencv-python-headless==5.0.0.93' 'numpy==2.4.6')
if command -v uv >/dev/null; then
  uv pip install --quiet --python "$(command -v python3)" --target "$folder" "${packages[@]}"
else
  python3 -m pip install --quiet --disable-pip-version-check --target "$folder" "${packages[@]}"
fi
printf 'versions: %s\n' "${packages[*]}"
PYTHONPATH="$folder" python3 -W ignore - <<'PY'
import cv2
import numpy as np
import torch
from torchvision.io import ImageReadMode, decode_image

wide = np.full((8, 8, 3), 65535, np.uint16)
data = cv2.imencode(".png", wide)[1]
tensor = decode_image(torch.from_numpy(data), mode=ImageReadMode.RGB)
ours = cv2.imdecode(data, cv2.IMREAD_COLOR)
print("torchvision", tensor.dtype, int(tensor.max()), "; divided by 255:", float(tensor.float().max() / 255), "; OpenCV", ours.dtype, int(ours.max()))
raise SystemExit(not (tensor.dtype == torch.uint16 and ours.dtype == np.uint8))
PY
