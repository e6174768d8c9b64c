# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""How many of the shipped model's decisions other decoders and resizers change: the second table of docs/differences.md.

    python benchmarks/differences_pixels.py FOLDER[:COUNT] ... [--threads 1]

Each photograph is decoded and fitted to the model's square in the usual way of each library, and the shipped model predicts it again where the pixels
differ from lentigo's own. A decision is whether the malignant probability reaches the first threshold. Needs lentigo, opencv-python-headless, torch,
torchvision, kornia, albumentationsx, pyvips with pyvips-binary, simplejpeg and imagecodecs.
"""

import argparse
import io
import random
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from lentigo import Model, open_model
from lentigo.model import shipped_folder

SIDE = 192
FILL = (124, 116, 104)  # the mean colour of the bundle, as lentigo pads
Pixels = np.ndarray
Scale = Callable[[Pixels, int, int], Pixels]


def decode(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def fit(pixels: Pixels, scale: Scale) -> Pixels:
    """Lentigo's geometry, with another library's resize."""
    high, wide = pixels.shape[:2]
    size = ImageOps.contain(Image.new("L", (wide, high)), (SIDE, SIDE)).size
    small = scale(pixels, *size)
    square = np.empty((SIDE, SIDE, 3), np.uint8)
    square[:] = FILL
    top, left = round((SIDE - size[1]) * 0.5), round((SIDE - size[0]) * 0.5)
    square[top : top + size[1], left : left + size[0]] = small
    return square


def pillow(kernel: Image.Resampling) -> Scale:
    return lambda pixels, w, h: np.asarray(Image.fromarray(pixels).resize((w, h), kernel))


def thumbnail(pixels: Pixels, w: int, h: int) -> Pixels:
    image = Image.fromarray(pixels)
    image.thumbnail((w, h))
    return np.asarray(image.resize((w, h)) if image.size != (w, h) else image)


def opencv(kernel: str) -> Scale:
    import cv2

    return lambda pixels, w, h: cv2.resize(pixels, (w, h), interpolation=getattr(cv2, kernel))


def of_tensor(change: Callable[[object, tuple[int, int]], object]) -> Scale:
    import torch

    def scale(pixels: Pixels, w: int, h: int) -> Pixels:
        tensor = torch.from_numpy(np.array(pixels)).permute(2, 0, 1)
        out = change(tensor, (h, w))
        return out.permute(1, 2, 0).round().clamp(0, 255).to(torch.uint8).numpy()

    return scale


def torchvision_resize(*, antialias: bool) -> Scale:
    from torchvision.transforms.v2 import functional

    return of_tensor(lambda t, size: functional.resize(t, list(size), antialias=antialias))


def kornia_resize(**options: object) -> Scale:
    from kornia.geometry.transform import resize

    return of_tensor(lambda t, size: resize(t.float()[None], size, **options)[0])


def albumentations_resize(pixels: Pixels, w: int, h: int) -> Pixels:
    import albumentations

    return albumentations.Resize(h, w)(image=pixels)["image"]


def vips_thumbnail(data: bytes) -> Pixels:
    import pyvips

    wide, high = Image.open(io.BytesIO(data)).size
    size = ImageOps.contain(Image.new("L", (wide, high)), (SIDE, SIDE)).size
    small = pyvips.Image.thumbnail_buffer(data, size[0], height=size[1], size="force").numpy()[..., :3]
    return fit(decode(data), lambda _p, _w, _h: small)


def fast_jpeg(data: bytes) -> Pixels:
    import simplejpeg

    return simplejpeg.decode_jpeg(data, colorspace="RGB", fastdct=True, fastupsample=True)


def ways() -> dict[str, Callable[[bytes], Pixels]]:
    ours = pillow(Image.Resampling.BILINEAR)
    scales = {
        "OpenCV `INTER_LINEAR` (its default)": opencv("INTER_LINEAR"),
        "albumentationsx `Resize` (its default)": albumentations_resize,
        "torchvision `v2.Resize` of a tensor": torchvision_resize(antialias=True),
        "Pillow `thumbnail` (bicubic)": thumbnail,
        "OpenCV `INTER_AREA`": opencv("INTER_AREA"),
        "Pillow box": pillow(Image.Resampling.BOX),
        "kornia `resize` (its default: no antialiasing)": kornia_resize(),
        "kornia, `antialias=True`": kornia_resize(antialias=True),
        "Pillow Lanczos": pillow(Image.Resampling.LANCZOS),
        "torchvision, `antialias=False`": torchvision_resize(antialias=False),
        "OpenCV `INTER_NEAREST`": opencv("INTER_NEAREST"),
    }
    found: dict[str, Callable[[bytes], Pixels]] = {
        name: (lambda data, s=scale: fit(decode(data), s)) for name, scale in scales.items()
    }
    found["libvips `thumbnail`"] = vips_thumbnail
    found["simplejpeg, `fastdct` and `fastupsample`"] = lambda data: fit(fast_jpeg(data), ours)
    return found


def decoders() -> dict[str, Callable[[bytes], Pixels]]:
    import cv2
    import imagecodecs
    import pyvips
    import simplejpeg
    import torch
    from torchvision.io import decode_jpeg

    return {
        "OpenCV": lambda d: cv2.imdecode(np.frombuffer(d, np.uint8), cv2.IMREAD_COLOR)[..., ::-1],
        "torchvision": lambda d: (
            decode_jpeg(torch.frombuffer(bytearray(d), dtype=torch.uint8), mode="RGB").permute(1, 2, 0).numpy()
        ),
        "libvips": lambda d: pyvips.Image.new_from_buffer(d, "").numpy(),
        "simplejpeg": lambda d: simplejpeg.decode_jpeg(d, colorspace="RGB"),
        "imagecodecs": imagecodecs.jpeg8_decode,
    }


def ask(bundle: Model, squares: list[Pixels]) -> np.ndarray:
    """The malignant probability of fitted squares; a square of the model's own side is not scaled again."""
    content = []
    for square in squares:
        out = io.BytesIO()
        Image.fromarray(square).save(out, "PNG", compress_level=1)
        content.append(out.getvalue())
    new = [data for data in dict.fromkeys(content) if data not in KNOWN]
    if new:
        KNOWN.update(zip(new, (answer.malignant for answer in bundle.predict(new)), strict=True))
    return np.array([KNOWN[data] for data in content])


KNOWN: dict[bytes, float] = {}


def photographs(folders: list[str]) -> list[Path]:
    chosen = []
    for folder in folders:
        path, _, count = folder.partition(":")
        found = sorted(p for p in Path(path).rglob("*") if p.suffix.lower() in {".jpg", ".jpeg"})
        chosen += random.Random(0).sample(found, int(count or len(found)))
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    packages = "pillow opencv-python-headless torch torchvision kornia albumentationsx pyvips-binary simplejpeg imagecodecs onnxruntime"
    print(", ".join(f"{name} {version(name)}" for name in packages.split()), flush=True)
    data = [path.read_bytes() for path in photographs(asked.folders)]
    for name, read in decoders().items():
        different = sum(not np.array_equal(read(d), decode(d)) for d in data)
        print(f"decoded by {name}: {different} of {len(data)} differ from Pillow's pixels", flush=True)
    bundle = open_model(shipped_folder(), threads=asked.threads)
    threshold = bundle.decision.threshold(None)
    own = [fit(decode(d), pillow(Image.Resampling.BILINEAR)) for d in data]
    before = ask(bundle, own)
    print(
        "\n| resized by | pixels apart, mean (greatest) | decisions that change | probability apart, 95th percentile (greatest) |"
    )
    print("|---|---|---|---|", flush=True)
    for name, read in ways().items():
        squares = [read(d) for d in data]
        after = ask(bundle, squares)
        gap = np.abs(np.stack(squares).astype(np.int16) - np.stack(own))
        flipped = int(((after >= threshold) != (before >= threshold)).sum())
        far = np.abs(after - before)
        print(
            f"| {name} | {gap.mean():.2f} ({gap.max()}) | {flipped} of {len(data)} ({100 * flipped / len(data):.1f} %) | "
            f"{np.quantile(far, 0.95):.3f} ({far.max():.3f}) |",
            flush=True,
        )


if __name__ == "__main__":
    main()
