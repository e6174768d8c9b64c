import numpy as np
import pandas as pd
import pytest

from lentigo.errors import DataError
from lentigo.model import read_embeddings
from lentigo.model._heads import LinearHead, mean_head, read_head, write_head

IDS = ["b", "a", "c"]
MATRIX = np.arange(12, dtype=np.float32).reshape(3, 4) / 7


def frame(matrix=MATRIX, ids=IDS):
    return pd.DataFrame(matrix, columns=[f"e{i}" for i in range(matrix.shape[1])]).assign(image_id=ids)


def write_each(folder):
    frame().to_parquet(folder / "wide.parquet")
    pd.DataFrame({"image_id": IDS, "embedding": list(MATRIX)}).to_parquet(folder / "lists.parquet")
    frame().to_csv(folder / "table.csv", index=False)
    np.savez(folder / "pair.npz", image_id=np.array(IDS), embedding=MATRIX)
    np.save(folder / "bare.npy", MATRIX)
    (folder / "bare_ids.txt").write_text("\n".join(IDS))
    np.save(folder / "double.npy", MATRIX.astype(np.float64))
    (folder / "double_ids.csv").write_text("nr,image_id\n" + "".join(f"{n},{name}.jpg\n" for n, name in enumerate(IDS)))
    return [
        folder / name for name in ("wide.parquet", "lists.parquet", "table.csv", "pair.npz", "bare.npy", "double.npy")
    ]


def test_every_kind_of_file_gives_the_same_numbers_in_the_wanted_order(tmp_path):
    for path in write_each(tmp_path):
        found = read_embeddings(path, ["a", "b"])
        assert found.image_id == ("a", "b")
        np.testing.assert_allclose(found.matrix, MATRIX[[1, 0]], rtol=1e-6, err_msg=path.name)
        assert read_embeddings(path).image_id == tuple(IDS)


def test_several_tables_are_joined_by_id_in_the_order_given(tmp_path):
    frame().to_parquet(tmp_path / "one.parquet")
    frame(MATRIX[::-1] * 10, IDS[::-1]).to_csv(tmp_path / "two.csv", index=False)
    found = read_embeddings([tmp_path / "one.parquet", tmp_path / "two.csv"])
    np.testing.assert_allclose(found.matrix, np.hstack([MATRIX, MATRIX * 10]), rtol=1e-6)


def test_ids_that_are_paths_are_known_by_file_name_or_by_folder_and_name(tmp_path):
    frame(ids=["x/b.jpg", "x/a.png", "y\\c.jpg"]).to_csv(tmp_path / "paths.csv", index=False)
    assert read_embeddings(tmp_path / "paths.csv").image_id == ("b", "a", "c")
    frame(ids=["x/1.jpg", "x/2.jpg", "y/1.jpg"]).to_csv(tmp_path / "folders.csv", index=False)
    assert read_embeddings(tmp_path / "folders.csv", ["y-1"]).matrix[0, 0] == MATRIX[2, 0]


def broken(matrix=MATRIX, ids=IDS, **columns):
    return frame(np.array(matrix), ids).assign(**columns)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (broken(ids=["a", "b", "a"]), r"several rows for 1 image: a\."),
        (broken(np.where(MATRIX > 1.5, np.nan, MATRIX)), r"NaN or infinite values .* for 1 image: c\."),
        (broken(MATRIX.astype(np.float64) * 1e300), "for 3 images: b, a, c"),
        (broken(ids=["a", "b", None]), "1 row without an image_id: row 3"),
        (broken(malignant=[0, 1, 0]), "not part of an embedding: malignant"),
        (broken(age=[40, 50, 60]), "not part of an embedding: age"),
        (broken(notes=["x", "y", "z"]), "not numbers: notes"),
        (frame().rename(columns={"image_id": "key"}), "no column image_id; its columns are: e0, e1"),
    ],
)  # fmt: skip
def test_a_fault_of_a_table_names_the_ids_or_columns(table, words, tmp_path):
    table.to_parquet(tmp_path / "emb.parquet")
    with pytest.raises(DataError, match=words):
        read_embeddings(tmp_path / "emb.parquet")


def test_images_without_a_row_and_rows_of_another_width_are_named(tmp_path):
    frame().to_parquet(tmp_path / "emb.parquet")
    with pytest.raises(DataError, match=r"no row for 2 of 3 images: d, e\. Compute"):
        read_embeddings(tmp_path / "emb.parquet", ["a", "d", "e"])
    uneven = [MATRIX[0], MATRIX[1][:3], MATRIX[2]]
    pd.DataFrame({"image_id": IDS, "embedding": uneven}).to_parquet(tmp_path / "lists.parquet")
    with pytest.raises(DataError, match=r"1 row does not have the 4 numbers that the others have: a\."):
        read_embeddings(tmp_path / "lists.parquet")
    (tmp_path / "short.csv").write_text("image_id,e0,e1\na,1,2\nb,1\nc,1,word\n")
    with pytest.raises(DataError, match=r"1 row does not have the 2 numbers of the header: b\."):
        read_embeddings(tmp_path / "short.csv")
    (tmp_path / "words.csv").write_text("image_id,e0,e1\na,1,2\nc,1,word\n")
    with pytest.raises(DataError, match=r"1 row holds words, not numbers: c\."):
        read_embeddings(tmp_path / "words.csv")


def test_an_array_without_ids_says_where_they_are_looked_for_and_pickles_are_refused(tmp_path):
    np.save(tmp_path / "emb.npy", MATRIX)
    with pytest.raises(DataError, match="emb_ids.csv"):
        read_embeddings(tmp_path / "emb.npy")
    np.savez(tmp_path / "emb.npz", image_id=np.array(IDS, dtype=object), embedding=MATRIX)
    with pytest.raises(DataError, match="without pickle"):
        read_embeddings(tmp_path / "emb.npz")


def test_a_head_survives_its_file_and_the_mean_head_gives_the_mean_of_the_logits(tmp_path):
    rng = np.random.default_rng(0)
    heads = [LinearHead(rng.normal(size=(3, 4)).astype(np.float32), np.ones(3, np.float32)) for _ in range(2)]
    again = read_head(write_head(tmp_path, heads[0]))
    np.testing.assert_array_equal(again.logits(MATRIX), heads[0].logits(MATRIX))
    mean = np.mean([head.logits(MATRIX) for head in heads], axis=0)
    np.testing.assert_allclose(mean_head(heads).logits(MATRIX), mean, atol=1e-5)
