#!/usr/bin/env bash
# A JPEG without EXIF whose XMP states tiff:Orientation=6: exif_transpose of Pillow rotates it. OpenCV, libvips and torchvision do not, each with its own
# orientation handling switched on.
# Seen: of 64 rows and 96 columns Pillow makes 96 x 64; OpenCV, libvips and torchvision keep 64 x 96.
# Exits with 1 if this changes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
packages=('pillow==13.0.0' 'opencv-python-headless==5.0.0.93' 'pyvips==3.2.0' 'pyvips-binary==8.18.7' 'torch==2.15.0' 'torchvision==0.29.2' 'numpy==2.4.6')
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
import pyvips
import torch
from PIL import Image, ImageOps
from torchvision.io import decode_image

xmp = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
out = io.BytesIO()
Image.fromarray(np.zeros((64, 96, 3), np.uint8)).save(out, "JPEG", xmp=xmp)
data = out.getvalue()
tensor = torch.frombuffer(bytearray(data), dtype=torch.uint8)
found = {
    "Pillow exif_transpose": np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data)))).shape[:2],
    "OpenCV": cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape[:2],
    "libvips autorot": pyvips.Image.new_from_buffer(data, "").autorot().numpy().shape[:2],
    "torchvision apply_exif_orientation": tuple(decode_image(tensor, apply_exif_orientation=True).shape[1:]),
}
for name, size in found.items():
    print(f"{name}: {size[0]} rows x {size[1]} columns (stored 64 x 96)")
raise SystemExit([tuple(x) for x in found.values()] != [(96, 64), (64, 96), (64, 96), (64, 96)])
PY
