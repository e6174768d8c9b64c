"""Pictures that are not dermatoscopic photograph of a lesion, or a spoilt one: `python benchmarks/odd_images.py
FOLDER`.

270 pictures in seven kinds, made from what scikit-image ships, from phantoms and from a seed; each kind is a folder.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from lentigo.phantoms import draw_phantom

SIDE = 224
SHIPPED = """astronaut brick camera cell chelsea chessboard_GRAY chessboard_RGB clock_motion coffee coins color grass
gravel horse hubble_deep_field ihc microaneurysms moon motorcycle_left motorcycle_right page phantom retina rocket
text""".split()  # noqa: SIM905 - one name a word reads better
SKIN = ((236, 188, 164), (224, 172, 140), (198, 134, 102), (141, 85, 54), (90, 56, 40))


def draw_odd(folder: Path, seed: int = 0) -> dict[str, int]:
    """Write all pictures below `folder`; return how many of each kind."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as place:
        drawn = draw_phantom(Path(place) / "phantom", n_images=80, size=SIDE, seed=seed + 17)
        phantoms = [Image.open(path).convert("RGB") for path in sorted((drawn / "images").iterdir())]
    kinds = {
        "shipped": shipped(rng),
        "noise": noise(rng),
        "text": text(rng),
        "drawings": drawings(rng),
        "bare_skin": bare_skin(rng),
        "spoilt_phantoms": spoilt(phantoms[:60], rng),
        "clinical_like": clinical(phantoms[60:], rng),
    }
    counts = {}
    for kind, pictures in kinds.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(pictures):
            picture.convert("RGB").save(folder / kind / f"{number:03d}.jpg", quality=92)
            counts[kind] = number + 1
    return counts


def shipped(rng: np.random.Generator) -> Iterator[Image.Image]:
    """Natural scenes, textures, histology, retina, pages: whole, and three crops of each."""
    import skimage

    data = Path(skimage.__file__).parent / "data"
    for name in SHIPPED:
        picture = Image.open(next(data.glob(f"{name}.*"))).convert("RGB")
        yield picture
        for _ in range(3):
            side = int(min(picture.size) * rng.uniform(0.35, 0.8))
            left, top = (int(rng.integers(0, length - side + 1)) for length in picture.size)
            yield picture.crop((left, top, left + side, top + side)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def noise(rng: np.random.Generator) -> Iterator[Image.Image]:
    """White noise, and smooth noise in skin colours."""
    for number in range(20):
        if number % 2:
            yield Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8))
            continue
        cells = int(rng.integers(4, 40))
        small = Image.fromarray(rng.integers(0, 256, (cells, cells)).astype(np.uint8))
        level = np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC), float)[..., None] / 255
        colours = np.array([SKIN[int(k)] for k in rng.integers(0, len(SKIN), 2)], float)
        yield Image.fromarray((level * colours[0] + (1 - level) * colours[1]).astype(np.uint8))


def text(rng: np.random.Generator) -> Iterator[Image.Image]:
    """Pages of words, screenshots."""
    words = [
        "benign",
        "nevus",
        "report",
        "date",
        "patient",
        "image",
        "lesion",
        "scan",
        "left",
        "arm",
        "upper",
        "back",
        "follow",
        "up",
        "in",
        "six",
        "months",
    ]
    for number in range(15):
        paper = (255, 255, 255) if number % 3 else (30, 30, 34)
        page = Image.new("RGB", (SIDE, SIDE), paper)
        pen = ImageDraw.Draw(page)
        for line in range(int(rng.integers(3, 18))):
            pen.text(
                (8, 4 + 12 * line), " ".join(rng.choice(words, 5)), fill=(20, 20, 20) if number % 3 else (220,) * 3
            )
        yield page


def drawings(rng: np.random.Generator) -> Iterator[Image.Image]:
    """Flat shapes: cartoons, logos, and brown discs on beige, which is what a child draws as a mole."""
    for number in range(25):
        ground = SKIN[number % 5] if number % 2 else tuple(int(v) for v in rng.integers(0, 256, 3))
        page = Image.new("RGB", (SIDE, SIDE), ground)
        pen = ImageDraw.Draw(page)
        for _ in range(1 if number % 2 else int(rng.integers(3, 12))):
            x, y, r = rng.uniform(60, 164), rng.uniform(60, 164), rng.uniform(15, 60)
            colour = (96, 60, 44) if number % 2 else tuple(int(v) for v in rng.integers(0, 256, 3))
            (pen.ellipse if rng.random() < 0.6 else pen.rectangle)((x - r, y - r, x + r, y + r), fill=colour)
        yield page


def bare_skin(rng: np.random.Generator) -> Iterator[Image.Image]:
    """Skin without a lesion: a colour, a slow gradient, fine grain."""
    for number in range(20):
        base = np.array(SKIN[number % 5], float)
        slope = np.linspace(-1, 1, SIDE)[:, None, None] * rng.uniform(2, 18)
        grain = rng.normal(0, rng.uniform(1, 5), (SIDE, SIDE, 1))
        yield Image.fromarray(np.clip(base + slope + grain, 0, 255).astype(np.uint8)).filter(
            ImageFilter.GaussianBlur(0.7)
        )


def spoilt(phantoms: list[Image.Image], rng: np.random.Generator) -> Iterator[Image.Image]:
    """Phantoms out of focus, too dark, too bright, grey, tiny, shifted out of the frame."""
    for number, picture in enumerate(phantoms):
        kind = number % 6
        if kind == 0:
            yield picture.filter(ImageFilter.GaussianBlur(rng.uniform(6, 12)))
        elif kind == 1:
            yield ImageEnhance.Brightness(picture).enhance(rng.uniform(0.08, 0.25))
        elif kind == 2:
            yield ImageEnhance.Brightness(picture).enhance(rng.uniform(2.2, 3.5))
        elif kind == 3:
            yield picture.convert("L")
        elif kind == 4:
            side = int(rng.integers(20, 60))
            yield picture.resize((side, side))
        else:
            shift = int(SIDE * rng.uniform(0.45, 0.6))
            yield Image.fromarray(np.roll(np.asarray(picture), shift, axis=int(rng.integers(0, 2))))


def clinical(phantoms: list[Image.Image], rng: np.random.Generator) -> Iterator[Image.Image]:
    """Photographs from a distance: a limb on cloth with a small lesion somewhere on it."""
    for picture in phantoms:
        cloth = tuple(int(v) for v in rng.integers(20, 220, 3))
        page = Image.new("RGB", (320, 240), cloth)
        pen = ImageDraw.Draw(page)
        skin = np.asarray(picture)[:8].reshape(-1, 3).mean(axis=0).astype(int)
        top = int(rng.integers(20, 80))
        pen.polygon([(0, top), (320, top + 30), (320, 215), (0, 235)], fill=tuple(int(v) for v in skin))
        side = int(rng.integers(14, 30))
        page.paste(picture.resize((side, side)), (int(rng.integers(20, 280)), int(rng.integers(110, 190))))
        shade = np.linspace(rng.uniform(0.6, 1), 1.1, 320)[None, :, None]
        grain = rng.normal(0, 4, (240, 320, 1))
        yield Image.fromarray(np.clip(np.asarray(page) * shade + grain, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    print(draw_odd(Path(sys.argv[1])))
