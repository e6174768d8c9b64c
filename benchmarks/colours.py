"""How many decisions change with the colour profile, and with the decoder of JPEG in DICOM, on real photographs.

Each photograph is stored once more as a telephone (Display-P3) or a camera (Adobe RGB) would have: its colours
converted to that space, compressed (JPEG, quality 95, no subsampling), the profile embedded. The bundle answers twice:
with the profile converted to sRGB, and with the numbers taken as they are. And once more as a JPEG in DICOM labelled
YBR_FULL_422, decoded by Pillow and by pylibjpeg-libjpeg.

Usage: python benchmarks/colours.py FOLDER_OF_IMAGES [BUNDLE] [N] [all|profiles|decoders]
"""

import dataclasses
import io
import random
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageCms, features

from lentigo.images import ADOBE_RGB, DISPLAY_P3, Preprocess, matrix_profile
from lentigo.model import Model, open_model


def stored(image: Image.Image, profile: bytes) -> bytes:
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), io.BytesIO(profile), "RGB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    stream = io.BytesIO()
    ImageCms.applyTransform(image, transform).save(stream, "JPEG", quality=95, subsampling=0, icc_profile=profile)
    return stream.getvalue()


def plain(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def by_libjpeg(frame: bytes) -> Image.Image:
    from libjpeg.utils import decode
    from pydicom.pixels.processing import convert_color_space

    samples = decode(frame, colour_transform=0)
    return Image.fromarray(convert_color_space(samples, "YBR_FULL", "RGB"))


def ask(bundle: Model, contents: list[bytes]) -> tuple[np.ndarray, list[str]]:
    answers = list(bundle.answers(contents, threads=1))
    assert not any(answer.error for answer in answers), answers[0].error
    return np.array([answer.malignant for answer in answers]), [answer.decision for answer in answers]


def compare(
    name: str, one: tuple[np.ndarray, list[str]], other: tuple[np.ndarray, list[str]], threshold: float
) -> None:
    sides = (one[0] >= threshold) != (other[0] >= threshold)
    changed = sum(a != b for a, b in zip(one[1], other[1], strict=True))
    refused = [sum(decision == "cannot assess" for decision in said[1]) for said in (one, other)]
    moved = np.abs(one[0] - other[0])
    print(
        f"{name:58} {changed:4} decisions changed ({sides.sum()} by the threshold alone; not assessed {refused[0]} and "
        f"{refused[1]}); probability moved by {moved.mean():.4f} on average, {moved.max():.3f} at most"
    )


def main(folder: str, name: str = "lentigo", n: str = "500", what: str = "all") -> None:
    bundle = open_model(name, threads=1)
    wide = dataclasses.replace(bundle.record.image, colour_profiles="srgb")
    converting = dataclasses.replace(bundle, preprocess=Preprocess(wide))
    ignoring = dataclasses.replace(bundle, preprocess=Preprocess(dataclasses.replace(wide, colour_profiles="ignore")))
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
    paths = random.Random(0).sample(paths, min(int(n), len(paths)))
    images = [Image.open(path).convert("RGB") for path in paths]
    print(f"{len(images)} photographs of {folder}, {bundle.record.name}, threshold {bundle.decision.threshold():.4f}")
    print(
        f"Pillow {PIL.__version__}, Little CMS {features.version('littlecms2')}, "
        f"libjpeg-turbo {features.version('libjpeg_turbo')}, pylibjpeg-libjpeg {version('pylibjpeg-libjpeg')}"
    )
    threshold = bundle.decision.threshold()
    spaces = (("Display-P3", matrix_profile(DISPLAY_P3)), ("Adobe RGB", matrix_profile(ADOBE_RGB)))
    for space, profile in spaces if what in {"all", "profiles"} else ():
        contents = [stored(image, profile) for image in images]
        compare(f"{space}: converted against ignored", ask(converting, contents), ask(ignoring, contents), threshold)
    if what in {"all", "decoders"}:
        compare_decoders(ignoring, images, threshold)


def compare_decoders(bundle: Model, images: list[Image.Image], threshold: float) -> None:
    frames = [plain(image, quality=90, subsampling="4:2:2") for image in images]
    by_pillow = [Image.open(io.BytesIO(frame)).convert("RGB") for frame in frames]
    by_other = [by_libjpeg(frame) for frame in frames]
    gaps = [np.abs(np.asarray(a, int) - np.asarray(b, int)) for a, b in zip(by_pillow, by_other, strict=True)]
    flat = np.concatenate([gap.reshape(-1, 3).max(axis=1) for gap in gaps])
    print(f"libjpeg against Pillow: {100 * (flat > 0).mean():.1f} % of pixels differ, by {flat.max()} at most")
    others = ask(bundle, [plain(picture, "PNG") for picture in by_other])
    compare("JPEG in DICOM: Pillow against pylibjpeg-libjpeg", ask(bundle, frames), others, threshold)


if __name__ == "__main__":
    main(*sys.argv[1:])
