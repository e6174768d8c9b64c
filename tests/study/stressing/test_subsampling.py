"""Which images are asked about, and that they are corrupted before the model's own preprocessing."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lentigo.config import ImageConfig
from lentigo.data.manifest import Manifest
from lentigo.errors import DataError
from lentigo.images import Preprocess
from lentigo.study.stressing import choose, draw_variants, sample_images


def manifest_of(targets, lesions=None):
    table = pd.DataFrame({"image_id": [f"i{n}" for n in range(len(targets))], "target": targets})
    table["path"] = "/" + table["image_id"]
    return Manifest(table if lesions is None else table.assign(lesion_id=lesions), origin="memory")


def test_half_are_malignant_where_there_are_enough():
    manifest = manifest_of(["benign"] * 90 + ["malignant"] * 30)
    counts = sample_images(manifest, ["malignant"], n_images=40, seed=0).table["target"].value_counts()
    assert counts.to_dict() == {"benign": 20, "malignant": 20}


def test_the_other_side_fills_up_what_is_missing():
    manifest = manifest_of(["benign"] * 90 + ["malignant"] * 5)
    counts = sample_images(manifest, ["malignant"], n_images=40, seed=0).table["target"].value_counts()
    assert counts.to_dict() == {"benign": 35, "malignant": 5}
    assert len(sample_images(manifest, ["malignant"], n_images=1000, seed=0)) == 95


def test_every_lesion_gives_one_image_before_any_gives_a_second():
    lesions = [f"b{n // 3}" for n in range(30)] + [f"m{n // 3}" for n in range(30)]
    manifest = manifest_of(["benign"] * 30 + ["malignant"] * 30, lesions)
    sample = sample_images(manifest, ["malignant"], n_images=20, seed=0)
    assert sample.table["lesion_id"].nunique() == 20
    assert sample_images(manifest, ["malignant"], n_images=24, seed=0).table["lesion_id"].value_counts().max() == 2


def test_the_seed_decides_and_rows_keep_their_order():
    manifest = manifest_of(["benign", "malignant"] * 50)
    first, again, other = (sample_images(manifest, ["malignant"], n_images=10, seed=s) for s in (1, 1, 2))
    assert first.table["image_id"].tolist() == again.table["image_id"].tolist()
    assert first.table["image_id"].tolist() != other.table["image_id"].tolist()
    numbers = first.table["image_id"].str[1:].astype(int)
    assert numbers.is_monotonic_increasing


def test_no_images_wanted_is_an_error():
    with pytest.raises(DataError, match="at least one"):
        sample_images(manifest_of(["benign", "malignant"]), ["malignant"], n_images=0, seed=0)


def test_first_variant_is_what_the_model_sees_of_the_intact_file(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    preprocess = Preprocess(ImageConfig(size=32))
    variants = draw_variants(tmp_path / "a.png", "a", preprocess, choose(["corners", "darker"]), seed=0).pixels
    assert variants.shape == (11, 32, 32, 3)
    assert (variants[0] == preprocess.pixels(tmp_path / "a.png")).all()


def test_corruption_comes_before_the_padding_of_preprocessing(tmp_path):
    Image.new("RGB", (64, 32), (200, 200, 200)).save(tmp_path / "a.png")
    preprocess = Preprocess(ImageConfig(size=32, fit="pad"))
    variants = draw_variants(tmp_path / "a.png", "a", preprocess, choose(["darker"]), seed=0).pixels
    assert (variants[5][0] == variants[0][0]).all()  # the padding is not part of the photograph
    assert variants[5][16].mean() < variants[0][16].mean() - 50


def test_a_large_photograph_is_reduced_before_it_is_corrupted(tmp_path):
    Image.new("RGB", (900, 600), (200, 150, 130)).save(tmp_path / "a.png")
    from lentigo.study.stressing._subsampling import _working_copy

    copy, size = _working_copy(tmp_path / "a.png", Preprocess(ImageConfig(size=100)))
    assert (copy.shape, size) == ((150, 225, 3), (900, 600))
