#!/usr/bin/env bash
# One photograph with EXIF orientation 6 in five formats: Pillow rotates TIFF on its own and none of the others; OpenCV rotates all but AVIF.
# Code that calls exif_transpose after Pillow is right in all five; pixels that OpenCV reads from AVIF lie on their side.
# Seen: of 96 x 64 stored pixels Pillow opens 64 x 96 for TIFF alone; OpenCV decodes 96 x 64 for AVIF alone.
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
import io

import cv2
import numpy as np
from PIL import Image, ImageOps

exif = Image.Exif()
exif[0x0112] = 6
found = {}
for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
    out = io.BytesIO()
    Image.fromarray(np.zeros((64, 96, 3), np.uint8)).save(out, kind, exif=exif)
    image = Image.open(io.BytesIO(out.getvalue()))
    image.load()
    upright = ImageOps.exif_transpose(image).size
    height, width = cv2.imdecode(np.frombuffer(out.getvalue(), np.uint8), cv2.IMREAD_COLOR).shape[:2]
    found[kind] = (image.size, upright, (width, height))
    print(f"{kind}: stored 96 x 64; Pillow {image.size}, after exif_transpose {upright}, OpenCV {(width, height)}")
turned, lying = (64, 96), (96, 64)
wanted = {kind: (lying, turned, turned) for kind in ("JPEG", "PNG", "WEBP")} | {"TIFF": (turned,) * 3, "AVIF": (lying, turned, lying)}
raise SystemExit(found != wanted)
PY
