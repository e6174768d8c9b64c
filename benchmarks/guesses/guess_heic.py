"""Answers L1 and L3 to L5 of docs/guesses.md: HEIC of three encoders. Needs heif-enc of libheif-examples.

python benchmarks/guesses/guess_heic.py [l1 ...]
"""

import io
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pillow_heif
from asking import answer_all
from photographs import apart, encoded, picture
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()


def heif_enc(jpeg: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.jpg").write_bytes(jpeg)
        command = ["heif-enc", "-q", "90", "a.jpg", "-o", "a.heic"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return (Path(folder) / "a.heic").read_bytes()


def by_pillow_heif(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "HEIF", quality=90, **options)
    return out.getvalue()


def read(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def l1() -> object:
    import imagecodecs

    jpeg = encoded(picture(), quality=95)
    pixels = read(jpeg)
    files = {"heif-enc": heif_enc(jpeg), "pillow-heif": by_pillow_heif(Image.fromarray(pixels))}
    try:
        files["imagecodecs"] = imagecodecs.heif_encode(pixels, level=90)
    except Exception as error:  # noqa: BLE001 - an error is an answer here
        files["imagecodecs"] = f"raises {type(error).__name__}: {str(error)[:100]}"
    found = {name: apart(read(data), pixels) if isinstance(data, bytes) else data for name, data in files.items()}
    return found, "heif-enc against pillow-heif: " + apart(read(files["heif-enc"]), read(files["pillow-heif"]))


def l3() -> object:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = heif_enc(encoded(picture(96, 64), exif=exif))
    image = Image.open(io.BytesIO(data))
    from lentigo.images import open_image

    kept = image.info.get("original_orientation"), image.getexif().get(0x0112)
    return {"irot": b"irot" in data, "opened": image.size, "orientation": kept, "lentigo": open_image(data).size}


def l4() -> object:
    pixels = picture(255, 191)
    files = heif_enc(encoded(pixels)), by_pillow_heif(Image.fromarray(pixels))
    return [(Image.open(io.BytesIO(data)).size, "clap" if b"clap" in data else "no clap") for data in files]


def l5() -> object:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    jpeg = encoded(picture(), icc_profile=profile)
    opened = Image.open(io.BytesIO(jpeg))
    opened.load()
    ways = {
        "heif-enc": heif_enc(jpeg),
        "pillow-heif, an image of a file": by_pillow_heif(opened),
        "pillow-heif, named": by_pillow_heif(Image.fromarray(picture()), icc_profile=profile),
    }
    return {name: Image.open(io.BytesIO(data)).info.get("icc_profile") == profile for name, data in ways.items()}


if __name__ == "__main__":
    answer_all(globals(), "l", "pillow pillow-heif imagecodecs")
