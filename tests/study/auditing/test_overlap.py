import numpy as np
from PIL import Image

from lentigo.study.auditing import find_shared


def drawn(seed):
    """Coarse noise: a picture with details everywhere, and unlike any other."""
    coarse = np.random.default_rng(seed).integers(0, 256, (24, 24, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((120, 120), Image.Resampling.BICUBIC)


def test_every_copy_is_found_however_many_there_are(tmp_path):
    picture, other = drawn(0), drawn(1)
    paths = [tmp_path / f"{number}.png" for number in range(25)]
    for path in paths[:12]:
        picture.save(path)
    for number, path in enumerate(paths[12:22]):
        picture.point(lambda value, shift=2 * number: min(255, value + shift)).save(path)
    other.save(paths[22])
    paths[23].write_bytes(b"no image")
    paths[24].write_bytes(b"no image either")
    other.save(tmp_path / "first.png")
    picture.resize((200, 200)).save(tmp_path / "second.png")
    drawn(2).save(tmp_path / "third.png")
    known = [tmp_path / f"{name}.png" for name in ("first", "second", "third")]
    assert find_shared(paths, [*known, paths[24]]).tolist() == [1] * 22 + [0, -1, -1]


def test_of_144_turned_and_recompressed_copies_every_one_is_found(tmp_path):
    picture, paths = drawn(0), []
    for side in (120, 100, 90, 150, 200, 64):
        for turn in (None, *Image.Transpose):
            for quality in (90, 60, 40):
                paths.append(tmp_path / f"{len(paths)}.jpg")
                turned = picture if turn is None else picture.transpose(turn)
                turned.resize((side, side)).save(paths[-1], quality=quality)
    drawn(1).save(tmp_path / "other.png")
    picture.save(tmp_path / "known.png")
    known = [tmp_path / "other.png", tmp_path / "known.png"]
    assert find_shared([*paths, tmp_path / "other.png"], known).tolist() == [1] * 144 + [0]


def test_of_two_that_show_it_the_one_that_is_compared_is_named(tmp_path):
    drawn(0).save(tmp_path / "a.png")
    assert find_shared([tmp_path / "a.png"], [tmp_path / "a.png"] * 2).tolist()[0] in (0, 1)
    assert find_shared([], [tmp_path / "a.png"]).shape == (0,)
