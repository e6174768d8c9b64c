"""Answers P14 to P18 of docs/guesses.md: resizers and colour profiles.

python benchmarks/guesses/guess_resizers.py [p14 ...]
"""

import io
import warnings

import numpy as np
from asking import answer_all
from photographs import JPEG, apart, encoded, picture
from PIL import Image, ImageCms

warnings.simplefilter("ignore")


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


if __name__ == "__main__":
    answer_all(globals(), "p", "pillow opencv-python-headless torch torchvision kornia pyvips pyvips-binary")
