"""What users type: names, paths as text, what a notebook shows."""

import ast
import importlib
import importlib.metadata
import inspect
import pkgutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

import lentigo
from lentigo.cli import group
from lentigo.config import Config
from lentigo.errors import DataError
from lentigo.images import find_images, gather_images, open_image
from lentigo.model import open_model
from lentigo.notebook import shown_progress, table_html
from lentigo.progress import silent
from lentigo.stages import describe_run, evaluate_predictions

PACKAGES = ["lentigo", *(m.name for m in pkgutil.walk_packages(lentigo.__path__, "lentigo.") if m.ispkg)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_is_also_that_of_a_submodule(package):
    module = importlib.import_module(package)
    modules = {found.name for found in pkgutil.iter_modules(module.__path__)}
    assert modules & set(getattr(module, "__all__", ())) == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there(package):
    module = importlib.import_module(package)
    for name in getattr(module, "__all__", ()):
        assert not inspect.ismodule(getattr(module, name)), name


ODD_WORDS = {
    "Asking",
    "Answered",
    "Asked",
    "Elsewhere",
    "Found",
    "Held",
    "Judge",
    "Judgement",
    "Kept",
    "Near",
    "Oddness",
    "Seen",
    "Told",
}
"""Names that classes had once: none says what the class holds to somebody who knows the field."""


def class_names():
    for path in sorted(Path(lentigo.__file__).parent.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                yield node.name.lstrip("_"), path.name


def test_no_class_name_has_two_meanings():
    places = defaultdict(list)
    for name, place in class_names():
        places[name].append(place)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_class_is_named_by_a_word_that_does_not_say_what_it_holds():
    assert {name for name, _ in class_names()} & ODD_WORDS == set()


def test_a_name_is_the_same_in_the_second_call():
    program = "import lentigo; first = lentigo.export; import lentigo.stages._export; assert lentigo.export is first"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0


def test_dir_shows_the_public_names():
    program = "import lentigo; print(sorted(lentigo.__all__) == dir(lentigo), 'torch' in __import__('sys').modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "True False\n"


def test_a_path_is_taken_as_text_wherever_paths_are(run, photo, tmp_path):
    assert open_image(str(photo)).mode == "RGB"
    manifest = lentigo.Manifest.read(str(run / "manifest.csv"))
    manifest.write(str(tmp_path / "m.csv"))
    assert len(lentigo.Manifest.read(str(tmp_path / "m.csv"))) == len(manifest)
    evaluation = lentigo.Evaluation.read(str(run / "evaluation.json"))
    evaluation.write(str(tmp_path / "e.json"))
    calibration = lentigo.Calibration.read(str(run / "calibration.json"))
    calibration.write(str(tmp_path / "c.json"))
    assert Config.read(str(run / "config.toml")).recipe
    said = lentigo.Predictions.read(str(run / "predictions" / "test.csv"))
    said.write(str(tmp_path / "p.csv"))
    found = evaluate_predictions(
        str(tmp_path / "p.csv"), groups_from=str(tmp_path / "m.csv"), calibrated_by=str(tmp_path / "c.json"),
        config=Config().changed({"evaluate.n_resamples": 100}),
    )  # fmt: skip
    assert found.n_images == evaluation.n_images
    assert lentigo.Run(str(run)).report_path == run / "report.html"
    assert describe_run(str(run))["recipe"]


def test_a_text_is_one_path_and_not_a_list_of_letters(bundle_folder, photo, monkeypatch, tmp_path):
    (answer,) = lentigo.predict(str(bundle_folder), str(photo)).answers
    assert answer.image == str(photo)
    assert find_images(str(photo))[1] == [photo]
    monkeypatch.setattr("lentigo.images._inputs.walk_images", lambda folder: pytest.fail(f"walked {folder}"))
    with pytest.raises(DataError, match="x.jpg does not exist"):
        lentigo.predict(bundle_folder, "/nowhere/x.jpg")


def test_pictures_arrays_bytes_and_tables_get_the_answer_of_their_file(bundle_folder, phantom, tmp_path):
    photos = sorted((phantom / "images").iterdir())[:2]
    bundle = open_model(bundle_folder, threads=1)
    pictures = [Image.open(photo) for photo in photos]
    arrays = [np.asarray(picture.convert("RGB")) for picture in pictures]
    frame = pd.DataFrame({"image_id": ["a", "b"], "path": list(map(str, photos))})
    expected = [answer.malignant for answer in bundle.predict(photos)]
    for given in (pictures, arrays, [photo.read_bytes() for photo in photos], frame, [str(photo) for photo in photos]):
        answers = lentigo.predict(bundle_folder, given).answers
        assert [answer.malignant for answer in answers] == pytest.approx(expected, abs=1e-6)
        assert [answer.malignant for answer in bundle.predict(given)] == pytest.approx(expected, abs=1e-6)
    assert [answer.image for answer in bundle.predict(frame)] == ["a", "b"]
    assert [answer.image for answer in bundle.predict([photos[0], arrays[1]])] == [str(photos[0]), "image 2"]
    assert next(iter(bundle.predict(arrays[0]))).malignant == pytest.approx(expected[0], abs=1e-6)


def test_a_picture_in_any_mode_and_turned_by_exif_is_read_as_its_file_is(tmp_path):
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (20, 40, 3), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(tmp_path / "turned.png", exif=exif)
    with Image.open(tmp_path / "turned.png") as turned:
        (source,) = gather_images(turned)[1]
    assert open_image(source).size == open_image(tmp_path / "turned.png").size == (20, 40)
    for mode in ("CMYK", "L", "P", "RGBA", "HSV"):
        assert open_image(gather_images(picture.convert(mode))[1][0]).size == (40, 20)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (3, "'int'"),
        (None, "'NoneType'"),
        ({"a.jpg"}, "'set'"),
        ([3.5], "'float'"),
        (np.zeros((4, 4, 3), np.float32), r"shape \(4, 4, 3\) and type float32"),
        (np.zeros((4, 4), np.uint8), r"shape \(4, 4\)"),
        ([np.zeros((4, 4, 4), np.uint8)], r"shape \(4, 4, 4\)"),
    ],
)
def test_anything_else_is_a_type_error_that_says_what_is_taken(given, words):
    with pytest.raises(TypeError, match=rf"{words}.* cannot be used as .*PIL images, arrays \(H, W, 3\) of uint8"):
        gather_images(given)


def test_a_data_frame_without_paths_says_so():
    with pytest.raises(DataError, match="no column path"):
        gather_images(pd.DataFrame({"image_id": ["a"]}))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["evaluate", "lentigo"], "lentigo evaluate lentigo --data FOLDER"),
        (["evaluate", "BUNDLE"], "--data FOLDER"),
        (["compare", "RUN", "lentigo"], "--data FOLDER"),
        (["compare", "lentigo", "RUN"], "lentigo is a bundle, which keeps no predictions"),
    ],
)
def test_a_bundle_without_data_is_told_what_is_missing(words, hint, run, bundle_folder):
    places = {"RUN": str(run), "BUNDLE": str(bundle_folder)}
    ended = CliRunner().invoke(group, [places.get(word, word) for word in words])
    assert ended.exit_code != 0
    assert hint in (ended.output + str(ended.exception)).replace("\n", " ")


def test_records_are_a_few_lines_and_a_small_table_in_a_notebook(run, bundle_folder, photo):
    bundle = open_model(bundle_folder, threads=1)
    opened = lentigo.Run(run)
    records = [
        opened, opened.manifest(), opened.audit(), lentigo.Evaluation.read(run / "evaluation.json"), bundle,
        next(iter(bundle.predict(photo))),
    ]  # fmt: skip
    for record in records:
        assert 1 <= len(repr(record).splitlines()) <= 8, repr(record)
        assert max(map(len, repr(record).splitlines())) < 400
        page = record._repr_html_()
        assert page.startswith("<div>")
        assert not {"<script", "http:", "https:"} & set(page.split())


def test_what_a_notebook_shows_is_escaped():
    assert "<b>x" not in table_html("T", {"<b>x": "<b>x"})


class Line:
    def __init__(self, shown):
        self.shown = shown

    def update(self, page):
        self.shown.append(page)


@pytest.fixture
def notebook(monkeypatch):
    shown = []
    module = ModuleType("IPython")
    module.get_ipython = lambda: SimpleNamespace(kernel=object())
    module.display = SimpleNamespace(display=lambda page, display_id: shown.append(page) or Line(shown), HTML=str)
    monkeypatch.setitem(sys.modules, "IPython", module)
    return shown


def test_progress_is_shown_below_the_cell_of_a_notebook(notebook):
    with shown_progress(silent, wanted=None) as track:
        assert list(track(iter("abc"), "Reading <x>", 3)) == ["a", "b", "c"]
    assert notebook[-1] == "<code>Reading &lt;x&gt;: 3 of 3</code>"
    with shown_progress(silent, wanted=False) as track:
        assert track is silent


def test_progress_is_drawn_elsewhere_only_when_asked(monkeypatch):
    with shown_progress(silent, wanted=None) as track:
        assert track is silent
    with shown_progress(silent, wanted=True) as track:
        assert track is not silent
    own = lambda items, *_, **__: items  # noqa: E731
    with shown_progress(own, wanted=True) as track:
        assert track is own


def test_no_benchmark_has_the_name_of_an_installed_package():
    # A script's folder comes first in sys.path: numba took benchmarks/coverage.py for the package, and was not used.
    scripts = {path.stem for path in (Path(__file__).parents[1] / "benchmarks").iterdir()}
    assert not scripts & set(importlib.metadata.packages_distributions())
