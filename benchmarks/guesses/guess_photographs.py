# ruff: noqa: E501 - tables and programs of other languages in strings; an exit code is an answer
"""Answers the questions P1 to P23 of docs/guesses.md: `python benchmarks/guesses/guess_photographs.py`.

Needs Pillow, pi-heif, pillow-heif, opencv-python-headless, torch, torchvision, kornia, pyvips with pyvips-binary, simplejpeg,
imagecodecs, imageio; P20 needs cjpeg of libjpeg-turbo-progs.
"""

import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version

import numpy as np
from PIL import Image, ImageCms, ImageOps, features

warnings.simplefilter("ignore")
Pixels = np.ndarray


def picture(width: int = 256, height: int = 256) -> Pixels:
    """A lesion-like picture: a dark spot on skin with fine texture, the same every time."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    spot = np.exp(-(((x - 0.5 * width) / 60) ** 2 + ((y - 0.45 * height) / 45) ** 2))
    skin = np.array([215.0, 170.0, 150.0]) - spot[..., None] * np.array([120.0, 110.0, 90.0])
    return np.clip(skin + rng.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def encoded(pixels: Pixels, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def pil(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def opencv(data: bytes) -> Pixels:
    import cv2

    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def vips(data: bytes) -> Pixels:
    import pyvips

    return pyvips.Image.new_from_buffer(data, "").numpy()


def torchvision_rgb(data: bytes) -> Pixels:
    import torch
    from torchvision.io import decode_image

    return decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), mode="RGB").permute(1, 2, 0).numpy()


def apart(a: Pixels, b: Pixels) -> str:
    if a.shape != b.shape:
        return f"shapes {a.shape} and {b.shape}"
    gap = np.abs(a.astype(int) - b.astype(int))
    return f"at most {gap.max()}, mean {gap.mean():.3f}, {100 * (gap > 0).mean():.1f} % of samples differ"


def shape(read: Callable[[], Pixels]) -> str:
    try:
        return "x".join(map(str, read().shape[:2]))
    except Exception as error:  # noqa: BLE001 - an error is an answer here
        return f"raises {type(error).__name__}: {str(error)[:120]}"


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


def p7() -> object:
    import cv2

    grey = (np.arange(65536, dtype=np.uint16)).reshape(256, 256)
    data = cv2.imencode(".png", grey)[1].tobytes()
    rgb = cv2.imencode(".png", np.dstack([grey] * 3))[1].tobytes()
    found = opencv(rgb)[..., 0]
    return {
        "OpenCV RGB = v >> 8": bool((found == grey >> 8).all()),
        "OpenCV RGB = round(v / 257)": bool((found == np.round(grey / 257)).all()),
        "OpenCV grey, colour asked": bool((opencv(data)[..., 0] == grey >> 8).all()),
        "Pillow RGB = v >> 8": bool((pil(rgb)[..., 0] == grey >> 8).all()),
        "Pillow grey mode": Image.open(io.BytesIO(data)).mode,
        "Pillow grey convert RGB": np.unique(pil(data)[..., 0]).size,
        "OpenCV vs >> 8": apart(found, (grey >> 8).astype(np.uint8)),
    }


def p8() -> object:
    import cv2

    grey = (np.arange(65536, dtype=np.uint16)).reshape(256, 256)
    data = cv2.imencode(".png", grey)[1].tobytes()
    found = torchvision_rgb(data)
    return (
        found.dtype,
        found.max(),
        apart(found[..., 0], (grey >> 8).astype(np.uint8)),
        bool((found[..., 0] == grey).all()),
    )


def p9() -> object:
    import imagecodecs

    ramp = np.arange(1024, dtype=np.uint16).reshape(32, 32)
    wide = np.dstack([ramp] * 3)
    data = imagecodecs.avif_encode(wide, level=100, bitspersample=10, pixelformat="444")
    found = {
        "imagecodecs": imagecodecs.avif_decode(data),
        "Pillow": pil(data),
        "OpenCV": opencv(data),
        "libvips": vips(data),
    }
    named = {}
    for name, pixels in found.items():
        grey = pixels[..., 0].astype(int)
        rules = {
            "v": ramp,
            "v >> 2": ramp >> 2,
            "round(v / 4.012)": np.round(ramp * 255 / 1023),
            "v << 6": ramp.astype(int) << 6,
        }
        named[name] = (
            str(pixels.dtype),
            [rule for rule, want in rules.items() if (grey == want).all()] or apart(grey, ramp >> 2),
        )
    return named


JPEG = encoded(picture(), quality=90, subsampling="4:2:0")


def p10() -> object:
    import simplejpeg

    return {
        "defaults": apart(simplejpeg.decode_jpeg(JPEG, colorspace="RGB"), pil(JPEG)),
        "fastdct=False, fastupsample=False": apart(
            simplejpeg.decode_jpeg(JPEG, colorspace="RGB", fastdct=False, fastupsample=False), pil(JPEG)
        ),
    }


def p11() -> object:
    return apart(opencv(JPEG), pil(JPEG))


def p12() -> object:
    return apart(torchvision_rgb(JPEG), pil(JPEG))


def p13() -> object:
    import imagecodecs
    import pyvips

    return {
        "imagecodecs": apart(imagecodecs.jpeg8_decode(JPEG), pil(JPEG)),
        "libvips": apart(pyvips.Image.new_from_buffer(JPEG, "").numpy(), pil(JPEG)),
    }


def p14() -> object:
    import kornia
    import torch

    tensor = torch.from_numpy(picture()).permute(2, 0, 1)[None].float()
    default = kornia.geometry.transform.resize(tensor, (192, 192))
    plain = torch.nn.functional.interpolate(tensor, (192, 192), mode="bilinear", antialias=False)
    smooth = torch.nn.functional.interpolate(tensor, (192, 192), mode="bilinear", antialias=True)
    return float((default - plain).abs().max()), float((default - smooth).abs().max())


def p15() -> object:
    import torch
    from torchvision.transforms import v2

    image = Image.fromarray(picture())
    tensor = torch.from_numpy(picture()).permute(2, 0, 1)
    ours = np.asarray(v2.Resize((192, 192))(image))
    return apart(v2.Resize((192, 192))(tensor).permute(1, 2, 0).numpy(), ours)


def p16() -> object:
    import cv2

    a = cv2.resize(picture(), (192, 192), interpolation=cv2.INTER_AREA)
    b = np.asarray(Image.fromarray(picture()).resize((192, 192), Image.Resampling.BOX))
    c = np.asarray(Image.fromarray(picture()).resize((192, 192), Image.Resampling.BILINEAR))
    half = cv2.resize(picture(), (128, 128), interpolation=cv2.INTER_AREA)
    return {
        "256 to 192, BOX": apart(a, b),
        "256 to 192, BILINEAR": apart(a, c),
        "256 to 128, BOX": apart(half, np.asarray(Image.fromarray(picture()).resize((128, 128), Image.Resampling.BOX))),
    }


def p17() -> object:
    import pyvips

    big = encoded(picture(1024, 1024), quality=95)
    found = {}
    for name, data in (("256", JPEG), ("1024", big)):
        small = pyvips.Image.thumbnail_buffer(data, 192, height=192).numpy()
        found[name] = apart(
            small, np.asarray(Image.open(io.BytesIO(data)).resize((192, 192), Image.Resampling.LANCZOS))
        )
    return found


def p18() -> object:
    import pyvips

    data = encoded(picture(), quality=95, icc_profile=display_p3())
    raw = pyvips.Image.new_from_buffer(data, "").numpy()
    small = pyvips.Image.thumbnail_buffer(data, 256).numpy()
    out = pyvips.Image.thumbnail_buffer(data, 256, output_profile="srgb").numpy()
    return {"default": apart(small, raw), "output_profile=srgb": apart(out, raw)}


def display_p3() -> bytes:
    """A small matrix profile with the primaries of Display P3 (D50-adapted), made from sRGB's by new colorants."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    colorants = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for i in range(int.from_bytes(data[128:132], "big")):
        entry = data[132 + 12 * i : 144 + 12 * i]
        if (name := bytes(entry[:4])) in colorants:
            at = int.from_bytes(entry[4:8], "big") + 8
            for j, value in enumerate(colorants[name]):
                data[at + 4 * j : at + 4 * j + 4] = round(value * 65536).to_bytes(4, "big", signed=True)
    return bytes(data)


def p19() -> object:
    cmyk = Image.fromarray(picture()).convert("CMYK")
    k = Image.fromarray(np.full((256, 256), 60, np.uint8))
    cmyk = Image.merge("CMYK", (*cmyk.split()[:3], k))
    out = io.BytesIO()
    cmyk.save(out, "JPEG", quality=100, subsampling=0)
    data = out.getvalue()
    found = {}
    for name, read in (("OpenCV", opencv), ("torchvision", torchvision_rgb)):
        try:
            found[name] = apart(read(data), pil(data))
        except Exception as error:  # noqa: BLE001
            found[name] = f"raises {type(error).__name__}: {str(error)[:150]}"
    return found


def p20() -> object:
    out = io.BytesIO()
    Image.fromarray(picture()).save(out, "PPM")
    data = subprocess.run(
        ["cjpeg", "-arithmetic", "-quality", "90"], input=out.getvalue(), capture_output=True, check=True
    ).stdout
    return everywhere(data)


def everywhere(data: bytes) -> object:
    import simplejpeg

    readers: dict[str, Callable[[bytes], Pixels]] = {
        "Pillow": pil,
        "OpenCV": opencv,
        "torchvision": torchvision_rgb,
        "libvips": vips,
        "simplejpeg": lambda d: simplejpeg.decode_jpeg(d, colorspace="RGB"),
    }
    return {name: shape(lambda r=read: r(data)) for name, read in readers.items()}


def p21() -> object:
    import imagecodecs

    return everywhere(imagecodecs.jpeg8_encode(picture(), lossless=True))


def p22() -> object:
    pixels = picture(64, 64)
    pixels[:8] = (255, 255, 255)
    data = encoded(pixels, "PNG", transparency=(255, 255, 255))
    return {
        "Pillow": pil(data)[0, 0].tolist(),
        "OpenCV": opencv(data)[0, 0].tolist(),
        "torchvision": torchvision_rgb(data)[0, 0].tolist(),
        "libvips": vips(data)[0, 0].tolist(),
    }


def p23() -> object:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(picture(96, 64), "TIFF", exif=exif)
    image = Image.open(io.BytesIO(data))
    image.load()
    return {"stored": "96x64", "size": image.size, "orientation left": image.getexif().get(0x0112)}


def main() -> None:
    packages = "pillow pi-heif pillow-heif opencv-python-headless torch torchvision kornia pyvips pyvips-binary simplejpeg imagecodecs imageio"
    print(", ".join(f"{name} {version(name)}" for name in packages.split()), "libjpeg-turbo", features.version("jpg"))
    wanted = set(sys.argv[1:])
    for name, ask in [(k, v) for k, v in globals().items() if k[0] == "p" and k[1:].isdigit()]:
        if wanted and name not in wanted:
            continue
        try:
            print(name.upper(), ask())
        except Exception as error:  # noqa: BLE001 - an error is an answer here
            print(name.upper(), f"raises {type(error).__name__}: {str(error)[:300]}")


if __name__ == "__main__":
    main()
