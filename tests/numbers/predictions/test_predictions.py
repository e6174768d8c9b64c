"""The predictions waist: the record, its file, and every way a file can be wrong."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lentigo.errors import PredictionsError
from lentigo.model import ANSWER_COLUMNS, CALLED
from lentigo.numbers.predictions import Predictions
from lentigo.numbers.predictions._roles import IMAGES

CLASSES = ("NV", "MEL", "BCC")


def make(n: int = 4, *, classes: tuple[str, ...] = CLASSES, seed: int = 0) -> Predictions:
    rng = np.random.default_rng(seed)
    return Predictions(
        np.array([f"ISIC_{i:07d}" for i in range(n)]),
        rng.integers(-1, len(classes), n),
        rng.dirichlet(np.ones(len(classes)), n),
        classes,
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "preds.csv"
    path.write_bytes(text.encode())
    return path


names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8).filter(
    lambda name: not name.lower().endswith((".jpg", ".jpeg")) and name not in ("image", "target")
)


@given(data=st.data(), n=st.integers(1, 12), k=st.integers(2, 5), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_written_file_reads_back_bit_for_bit(tmp_path_factory: pytest.TempPathFactory, data, n, k, seed) -> None:
    rng = np.random.default_rng(seed)
    images = data.draw(st.lists(names, min_size=n, max_size=n, unique=True))
    classes = tuple(
        data.draw(
            st.lists(
                names.filter(lambda name: name not in (*IMAGES, *ANSWER_COLUMNS, CALLED)),
                min_size=k,
                max_size=k,
                unique=True,
            )
        )
    )
    said = Predictions(np.array(images), rng.integers(-1, k, n), rng.dirichlet(np.full(k, 0.05), n), classes)
    path = tmp_path_factory.mktemp("round") / "preds.csv"
    said.write(path)
    back = Predictions.read(path)
    assert back.image.tolist() == images
    assert back.target.tolist() == said.target.tolist()
    assert back.classes == classes
    assert back.probabilities.tobytes() == said.probabilities.tobytes()


def test_the_called_class_of_a_prediction_is_read_as_no_probability(tmp_path: Path) -> None:
    columns = "image,target,NV,MEL,BCC,malignant_probability,threshold,decision,reasons,error,called"
    path = write(tmp_path, f"{columns}\na,NV,0.5,0.25,0.25,0.5,0.3,refer,,,NV\n")
    assert Predictions.read(path).classes == ("NV", "MEL", "BCC")


def test_a_file_has_the_documented_columns_and_an_empty_target_where_unknown(tmp_path: Path) -> None:
    said = Predictions(np.array(["a", "b"]), np.array([1, -1]), np.array([[0.25, 0.75], [1 / 3, 2 / 3]]), ("NV", "MEL"))
    said.write(tmp_path / "preds.csv")
    assert (tmp_path / "preds.csv").read_text() == (
        "image,target,NV,MEL\na,MEL,0.25,0.75\nb,,0.3333333333333333,0.6666666666666666\n"
    )


def test_an_isic_submission_without_target_reads_as_unlabelled_and_loses_jpg(tmp_path: Path) -> None:
    said = Predictions.read(write(tmp_path, "\ufeffimage,MEL,NV\r\nISIC_1.jpg,0.2,0.8\r\nISIC_2.JPEG,1.0,0.0\r\n"))
    assert said.image.tolist() == ["ISIC_1", "ISIC_2"]
    assert said.target.tolist() == [-1, -1]
    assert said.classes == ("MEL", "NV")


def test_column_order_and_the_name_of_the_image_column_are_free(tmp_path: Path) -> None:
    said = Predictions.read(write(tmp_path, "NV,isic_id,MEL,target\n0.2,x,0.8,MEL\n"))
    assert (said.image.tolist(), said.target.tolist(), said.classes) == (["x"], [1], ("NV", "MEL"))


def test_malignant_sums_the_malignant_classes_and_stays_a_probability() -> None:
    said = make(500)
    expected = said.probabilities[:, 1] + said.probabilities[:, 2]
    np.testing.assert_allclose(said.malignant(["MEL", "BCC"]), expected, atol=1e-15)
    assert said.malignant(CLASSES).max() <= 1.0
    assert said.malignant([]).tolist() == [0.0] * 500


def test_is_malignant_follows_the_target() -> None:
    said = make(50).labelled()
    assert said.is_malignant(["MEL", "BCC"]).tolist() == [target in (1, 2) for target in said.target.tolist()]


def test_labelled_leaves_out_images_of_unknown_target() -> None:
    said = make(50)
    assert (said.target == -1).any()
    assert said.labelled().image.tolist() == [said.image[i] for i in range(50) if said.target[i] >= 0]


def test_arrays_are_copied_and_read_only() -> None:
    rows = np.array([[0.5, 0.5]])
    said = Predictions(np.array(["a"]), np.array([0]), rows, ("NV", "MEL"))
    rows[0] = 7
    assert said.probabilities.tolist() == [[0.5, 0.5]]
    with pytest.raises(ValueError, match="read-only"):
        said.probabilities[0, 0] = 1


def test_a_float32_softmax_sums_to_one_closely_enough() -> None:
    logits = np.random.default_rng(0).normal(size=(1000, 9)).astype(np.float32) * 10
    rows = np.exp(logits - logits.max(axis=1, keepdims=True))
    rows /= rows.sum(axis=1, keepdims=True)
    said = Predictions(np.arange(1000).astype(str), np.zeros(1000, int), rows, tuple("abcdefghi"))
    assert said.probabilities.dtype == np.float64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": ("NV",)}, "at least two classes"),
        ({"classes": ("NV", "NV", "MEL")}, "more than once: NV"),
        ({"classes": ("NV", "target", "MEL")}, "'target' cannot name a class"),
        ({"image": np.array(["a", "b", "a"])}, "1 image is predicted more than once: a"),
        ({"image": np.array(["a", "", "c"])}, "empty name"),
        ({"target": np.array([0, 3, 1])}, r"not an index into the 3 classes: ISIC_0000001\. Use 0 to 2"),
        ({"target": np.array([0, 1])}, r"got \(2,\)"),
        ({"probabilities": np.full((3, 2), 0.5)}, r"\(3, 3\) probabilities"),
        ({"probabilities": np.array([[2.0, -1, 0], [1, 0, 0], [1, 0, 0]])}, "outside 0 to 1: ISIC_0000000.*softmax"),
        ({"probabilities": np.array([[1, 0, 0], [np.nan, 0, 0], [1, 0, 0]])}, "outside 0 to 1: ISIC_0000001"),
        ({"probabilities": np.array([[1, 0, 0], [0.5, 0, 0], [1, 0, 0]])}, r"not sum to one: ISIC_0000001 \(0\.5\)"),
    ],
)
def test_a_record_that_breaks_the_contract_is_refused(change, message) -> None:
    said = make(3)
    parts = {name: getattr(said, name) for name in ("image", "target", "probabilities", "classes")}
    with pytest.raises(PredictionsError, match=message):
        Predictions(**(parts | change))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("image,target,NV,MEL\n", "header but no rows"),
        ("name,target,NV,MEL\na,NV,1,0\n", "no column 'image'"),
        ("image,isic_id,NV,MEL\na,a,1,0\n", "image and isic_id both name the image"),
        ("image,image,NV,MEL\na,b,1,0\n", "has a column twice"),
        ("image,target,NV\na,NV,1\n", "1 class column"),
        ("image,target,NV,NV\na,NV,1,0\n", "more than once: NV"),
        ("image,target,NV,MEL\na,NV,1\n", "header's 4 fields: line 2 has 3"),
        ("image,target,NV,MEL\na,NV,1,0,9\n", "line 2 has 5"),
        ("image,target,NV,MEL\na,NV,1,0\nb,MLE,0,1\n", "line 3: 'MLE'. Did you mean 'MEL'"),
        ("image,target,NV,MEL\na,NV,1,\n", "not numbers: line 2 MEL: ''"),
        ("image,target,NV,MEL,BCC\na,2,0.5,0.3,0.2\n", "not a class of the file: line 2: '2'"),
        ("image,target,NV,A\na,NV,1,young\n", "line 2 A: 'young'. Every column but image and target"),
        ("image,target,NV,MEL\na,NV,90,10\n", "sum to 100: divide percentages by 100"),
        ("image,target,NV,MEL\na,NV,1,0\na.jpg,NV,1,0\n", "predicted more than once: a"),
        ("image,NV,MEL\na,0.9,0.9\n", r"a \(1\.8\).*ISIC submission.*sum"),
        ('image,target,NV,MEL\n"a,NV,1,0\n', "is not a table: line 2: unexpected end of data"),
    ],
)
def test_a_file_that_breaks_the_contract_is_refused_with_its_lines(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PredictionsError, match=message):
        Predictions.read(write(tmp_path, text))


def test_a_labelled_file_whose_rows_do_not_sum_to_one_is_not_called_an_isic_submission(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError) as caught:
        Predictions.read(write(tmp_path, "image,target,NV,MEL\na,NV,0.9,0.9\n"))
    assert "ISIC" not in str(caught.value)


def test_missing_files_folders_and_other_encodings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match=r"none\.csv does not exist"):
        Predictions.read(tmp_path / "none.csv")
    with pytest.raises(PredictionsError, match="irectory"):
        Predictions.read(tmp_path)
    (tmp_path / "latin.csv").write_bytes(b"image,NV,MEL\nn\x81vus,1,0\n")
    with pytest.raises(PredictionsError, match="not a text table"):
        Predictions.read(tmp_path / "latin.csv")


def test_only_the_first_five_offenders_are_named(tmp_path: Path) -> None:
    rows = "".join(f"i{i},X,1,0\n" for i in range(9))
    with pytest.raises(PredictionsError, match=r"line 6: 'X' \(\+4\)"):
        Predictions.read(write(tmp_path, "image,target,NV,MEL\n" + rows))


def test_an_unknown_malignant_class_is_named_with_a_suggestion() -> None:
    with pytest.raises(PredictionsError, match=r"MELL: no such class\. Did you mean 'MEL'"):
        make().malignant(["MELL"])


def test_truth_of_an_image_without_target_is_refused_not_called_benign() -> None:
    with pytest.raises(PredictionsError, match=r"have no target.*labelled"):
        make(50).is_malignant(["MEL"])


def test_the_columns_that_predict_adds_are_no_classes_and_error_rows_are_left_out(tmp_path):
    path = tmp_path / "preds.csv"
    path.write_text(
        "image,target,benign,malignant,malignant_probability,threshold,decision,error\n"
        "a,,0.25,0.75,0.75,0.5,refer,\n"
        "b,,,,,0.5,cannot assess,b.jpg is empty\n"
    )
    predictions = Predictions.read(path)
    assert predictions.classes == ("benign", "malignant")
    assert predictions.image.tolist() == ["a"]


@pytest.mark.parametrize(
    ("text", "classes", "targets", "malignant", "said"),
    [
        ("image,target,malignant\na,1,0.75\nb,0,0.5\n", "bm", [1, 0], [0.75, 0.5], "'malignant' is taken as the prob"),
        ("isic_id,label,prob\na,1,0.75\nb,0,0.5\n", "bm", [1, 0], [0.75, 0.5], "'label' is taken as the true class"),
        ("y_true,y_score\n1,0.75\n0,0.5\n", "bm", [1, 0], [0.75, 0.5], "no column names the images"),
        ("filename;target;benign\na.jpg;malignant;0,25\nb.jpg;;1\n", "bm", [1, -1], [0.75, 0], "probability of benign"),
        ("image,target,benign,malignant\na,1,0.25,0.75\nb,0.0,1,0\n", "bm", [1, 0], [0.75, 0], "0.0 and 1 are taken"),
        ("image_name,target\na,0.75\nb,0.5\n", "bm", [-1, -1], [0.75, 0.5], "numbers between 0 and 1"),
        ("image,dx,prob,age\na,mel,0.75,40\nb,nv,0.5,60\n", "bm", [1, 0], [0.75, 0.5], "not used: age"),
        ("image,target,NV,MEL\na,1,0.25,0.75\nb,melanoma,0.5,0.5\n", ("NV", "MEL"), [1, 1], None, "1 as MEL"),
        ("image,target,NV,MEL,sex\na,NV,0.25,0.75,male\n", ("NV", "MEL"), [0], None, "neither a known class nor"),
    ],
)  # fmt: skip
def test_anyones_file_is_read_and_what_was_assumed_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, classes, targets, malignant, said: str
) -> None:
    found = Predictions.read(write(tmp_path, text))
    assert found.classes == (("benign", "malignant") if classes == "bm" else classes)
    assert found.target.tolist() == targets
    assert malignant is None or found.malignant(["malignant"]).tolist() == malignant
    assert said in caplog.text


@pytest.mark.parametrize("places", [2, 3, 4])
def test_rounded_probabilities_are_divided_by_their_sum_within_what_rounding_explains(tmp_path: Path, places) -> None:
    rows = np.random.default_rng(places).dirichlet(np.ones(8), size=200)
    classes = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC")
    lines = [",".join(["image", "target", *classes])]
    lines += [f"i{n},NV," + ",".join(f"{value:.{places}f}" for value in row) for n, row in enumerate(rows)]
    found, said = Predictions.read_with_notes(write(tmp_path, "\n".join(lines)))
    assert np.allclose(found.probabilities, rows, atol=5 * 10.0**-places)
    assert np.allclose(found.probabilities.sum(axis=1), 1, atol=1e-12)
    assert said == (
        (
            f"probabilities have {places} decimals: sums within {4 * 10.0**-places:g} of one are rounding, and each "
            "row was divided by its sum"
        ),
    )
    lines[7] = f"i6,NV,{0.5:.{places}f},{0.5 + 5 * 10.0**-places:.{places}f}" + f",{0:.{places}f}" * 6
    with pytest.raises(PredictionsError, match=r"do not sum to one: i\d"):  # half a unit for each class, and no more
        Predictions.read(write(tmp_path, "\n".join(lines)))


def test_a_diagnosis_alone_is_no_probability_of_malignant(tmp_path: Path) -> None:
    with pytest.raises(PredictionsError, match="1 class column beside 'image'"):
        Predictions.read(write(tmp_path, "image,target,MEL\na,1,0.4\n"))
