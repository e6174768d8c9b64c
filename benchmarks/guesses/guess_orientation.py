# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""Answers P1 to P6 and P23 of docs/guesses.md: orientation and gain maps.

python benchmarks/guesses/guess_orientation.py [p1 ...]
"""

import io
import warnings

import numpy as np
from asking import answer_all
from photographs import encoded, opencv, picture, pil, shape, vips
from PIL import Image, ImageOps

warnings.simplefilter("ignore")


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def p1() -> object:
    data = encoded(picture(96, 64), xmp=XMP)
    return shape(lambda: np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))), "stored 64x96"


def p2() -> object:
    import imageio.v3 as iio
    import pyvips

    data = encoded(picture(96, 64), xmp=XMP)
    import torch
    from torchvision.io import decode_image

    tensor = torch.frombuffer(bytearray(data), dtype=torch.uint8)
    return {
        "OpenCV": shape(lambda: opencv(data)),
        "libvips autorot": shape(lambda: pyvips.Image.new_from_buffer(data, "").autorot().numpy()),
        "imageio": shape(lambda: iio.imread(data)),
        "imageio rotate=True": shape(lambda: iio.imread(data, rotate=True)),
        "torchvision": shape(lambda: decode_image(tensor, apply_exif_orientation=True).permute(1, 2, 0).numpy()),
    }


def p3() -> object:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = {}
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        data = encoded(picture(96, 64), kind, exif=exif)
        found[kind] = {"OpenCV": shape(lambda d=data: opencv(d)), "Pillow, as opened": shape(lambda d=data: pil(d))}
    return found


def p4() -> object:
    import imagecodecs

    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(picture(96, 64), "AVIF", exif=exif)
    image = Image.open(io.BytesIO(data))
    return {
        "has irot": b"irot" in data,
        "opened": image.size,
        "orientation": image.getexif().get(0x0112),
        "OpenCV": shape(lambda: opencv(data)),
        "libvips": shape(lambda: vips(data)),
        "imagecodecs": shape(lambda: imagecodecs.avif_decode(data)),
    }


def p5() -> object:
    import pi_heif
    import pillow_heif

    exif = Image.Exif()
    exif[0x0112] = 6
    heif = pillow_heif.from_pillow(Image.fromarray(picture(96, 64)))
    out = io.BytesIO()
    heif.save(out, exif=exif.tobytes())
    pi_heif.register_heif_opener()
    image = Image.open(io.BytesIO(out.getvalue()))
    turned = ImageOps.exif_transpose(image)
    return {
        "stored": "96x64",
        "opened": image.size,
        "orientation": image.getexif().get(0x0112),
        "original_orientation": image.info.get("original_orientation"),
        "transposed": turned.size,
        "irot in file": b"irot" in out.getvalue(),
    }


def p6() -> object:
    main, gain = Image.fromarray(picture()), Image.fromarray(picture()).convert("L").resize((64, 64))
    xmp = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/></rdf:RDF></x:xmpmeta>'
    )
    found = {}
    for name, mark in (("with hdrgm XMP", xmp), ("without", None)):
        out = io.BytesIO()
        options = {"xmp": mark} if mark else {}
        main.save(out, "MPO", save_all=True, append_images=[gain], **options)
        image = Image.open(io.BytesIO(out.getvalue()))
        found[name] = (image.format, getattr(image, "n_frames", 1), image.size)
    return found


def p23() -> object:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(picture(96, 64), "TIFF", exif=exif)
    image = Image.open(io.BytesIO(data))
    image.load()
    return {"stored": "96x64", "size": image.size, "orientation left": image.getexif().get(0x0112)}


if __name__ == "__main__":
    answer_all(
        globals(),
        "p",
        "pillow pi-heif pillow-heif opencv-python-headless torch torchvision pyvips pyvips-binary imagecodecs imageio",
    )
