import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lentigo.data.sources import read_data
from lentigo.errors import LentigoError
from lentigo.phantoms import draw_phantom
from lentigo.phantoms._truth import MALIGNANT
from lentigo.storage import read_json, sha256_of

SIZE = 32


@pytest.fixture(scope="module")
def leaky(tmp_path_factory):
    return draw_phantom(tmp_path_factory.mktemp("leaky") / "set", n_images=60, size=SIZE, leaks=6, shortcut="ruler")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return draw_phantom(tmp_path_factory.mktemp("plain") / "set", n_images=160, size=SIZE)


def content_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def cross_validated(features, table):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    is_malignant = table["diagnosis"].isin(MALIGNANT)
    folds = {"groups": table["patient_id"], "cv": GroupKFold(5), "method": "predict_proba"}
    return roc_auc_score(is_malignant, cross_val_predict(model, features, is_malignant, **folds)[:, 1])


def read_set(folder):
    table = pd.read_csv(folder / "metadata.csv")
    pixels = [np.asarray(Image.open(folder / path), dtype=float) for path in table["path"]]
    return table, np.stack(pixels)


def test_one_seed_gives_the_same_bytes_whatever_the_number_of_processes(tmp_path):
    one = draw_phantom(tmp_path / "one", n_images=40, size=SIZE, seed=3)
    two = draw_phantom(tmp_path / "two", n_images=40, size=SIZE, seed=3, workers=2)
    assert content_of(one) == content_of(two)


def test_another_seed_gives_other_images(tmp_path):
    one, two = (draw_phantom(tmp_path / str(seed), n_images=8, size=SIZE, seed=seed) for seed in (0, 1))
    assert not set(content_of(one).values()) & set(content_of(two).values())


def test_every_row_has_an_image_of_the_wanted_size_and_every_image_a_row(leaky):
    table = pd.read_csv(leaky / "metadata.csv")
    assert table["image_id"].is_unique
    assert {leaky / path for path in table["path"]} == set((leaky / "images").iterdir())
    assert read_set(leaky)[1].shape == (60, SIZE, SIZE, 3)


def test_the_folder_is_read_as_a_manifest_with_ids_and_splits(plain):
    manifest = read_data(plain)
    assert len(manifest.table) == 160
    assert manifest.classes == ("MEL", "NV", "BCC", "BKL")
    assert set(manifest.table["split"]) == {"train", "val", "test"}
    assert manifest.groups()[1] == "patient"


def test_the_record_lists_every_pair_that_leaked(leaky):
    record, table = read_json(leaky / "phantom.json"), pd.read_csv(leaky / "metadata.csv", index_col="image_id")
    assert record["schema_version"] == 1
    assert len(record["leaks"]["pairs"]) == 6
    for pair in record["leaks"]["pairs"]:
        original, copy = table.loc[pair["original"]], table.loc[pair["copy"]]
        assert (original["split"], copy["split"]) == ("train", "test")
        assert original["lesion_id"] == copy["lesion_id"]
        is_same_file = sha256_of(leaky / original["path"]) == sha256_of(leaky / copy["path"])
        assert is_same_file == (pair["kind"] == "exact")


def test_the_table_says_where_the_shortcut_lies(leaky):
    table, told = pd.read_csv(leaky / "metadata.csv"), read_json(leaky / "phantom.json")["shortcut"]
    is_malignant = table["diagnosis"].isin(MALIGNANT)
    assert told["share_of_malignant"] == pytest.approx(table.loc[is_malignant, "truth_has_ruler"].mean())
    assert told["share_of_benign"] == pytest.approx(table.loc[~is_malignant, "truth_has_ruler"].mean())


def test_counts_and_options_of_the_record_agree_with_the_table(leaky):
    record, table = read_json(leaky / "phantom.json"), pd.read_csv(leaky / "metadata.csv")
    for split, counts in record["counts"].items():
        assert table.loc[table["split"] == split, "diagnosis"].value_counts().to_dict() == counts
    assert record["options"]["shortcut"] == "ruler"
    assert record["n_lesions"] == table["lesion_id"].nunique()


def test_without_splits_there_is_no_split_column(tmp_path):
    folder = draw_phantom(tmp_path / "set", n_images=6, size=SIZE, split=False)
    assert "split" not in pd.read_csv(folder / "metadata.csv").columns


def test_an_existing_folder_is_replaced_only_by_force(tmp_path):
    folder = draw_phantom(tmp_path / "set", n_images=6, size=SIZE)
    with pytest.raises(LentigoError, match="exists already"):
        draw_phantom(folder, n_images=4, size=SIZE)
    draw_phantom(folder, n_images=4, size=SIZE, force=True)
    assert len(list((folder / "images").iterdir())) == 4


def test_an_interrupted_drawing_leaves_nothing(tmp_path):
    def stop(items, what, total, /, *, unit=1):
        yield next(iter(items))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        draw_phantom(tmp_path / "set", n_images=6, size=SIZE, track=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_counts_images(tmp_path):
    seen = []

    def track(items, what, total, /, *, unit=1):
        for item in items:
            seen.append((item, total))
            yield item

    draw_phantom(tmp_path / "set", n_images=7, size=SIZE, track=track)
    assert sorted(seen) == [(f"PH_{number:07d}", 7) for number in range(1, 8)]


def test_the_border_does_not_betray_the_class_unless_it_is_the_shortcut(plain, tmp_path):
    def border_auroc(folder):
        table, pixels = read_set(folder)
        ring = np.concatenate([pixels[:, :4].mean(axis=(1, 2)), pixels[:, -4:].mean(axis=(1, 2))], axis=1)
        return cross_validated(ring, table)

    assert border_auroc(plain) < 0.68
    assert border_auroc(draw_phantom(tmp_path / "set", n_images=120, size=SIZE, shortcut="border")) > 0.8


def test_file_size_betrays_the_class_only_as_a_shortcut(plain, tmp_path):
    def size_auroc(folder):
        table = pd.read_csv(folder / "metadata.csv")
        return cross_validated([[(folder / path).stat().st_size] for path in table["path"]], table)

    assert size_auroc(plain) < 0.68
    assert size_auroc(draw_phantom(tmp_path / "set", n_images=80, size=SIZE, shortcut="filesize")) > 0.85


def test_easy_lesions_are_told_apart_by_thumbnails(tmp_path):
    table, pixels = read_set(draw_phantom(tmp_path / "set", n_images=120, size=SIZE, difficulty="easy"))
    middle = pixels[:, 8:24, 8:24].reshape(-1, 4, 4, 4, 4, 3).mean(axis=(2, 4)).reshape(len(pixels), -1)
    assert cross_validated(middle, table) > 0.9
