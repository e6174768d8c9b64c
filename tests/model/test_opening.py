from importlib import metadata

import pytest

from lentigo import open_model
from lentigo.errors import BundleError, ConfigError, ModelError
from lentigo.model import _opening as opening
from lentigo.model import shipped_folder
from lentigo.model._opening import kind_of, open_bundle, place_of


def test_a_model_of_ones_own_with_that_name_goes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of("lentigo") == shipped_folder()
    (tmp_path / "lentigo").mkdir()
    assert place_of("lentigo") == shipped_folder()
    (tmp_path / "lentigo" / "bundle.json").touch()
    assert str(place_of("lentigo")) == "lentigo"


def test_any_other_path_stays(tmp_path):
    assert place_of(tmp_path / "lentigo") == tmp_path / "lentigo"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nope", "^'nope' does not exist. Give a run folder, a bundle folder, or 'lentigo'.$"),
        ("lentgo", "'lentgo' does not exist. Did you mean 'lentigo'[?] Give"),
        ("file.txt", "'file.txt' is not a folder. Give"),
        ("empty", "'empty' is not a model: it has neither bundle.json nor config.toml. Give"),
    ],
)
def test_what_is_not_a_model_is_refused_with_what_would_be(tmp_path, monkeypatch, name, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=words):
        open_model(name)


def test_a_run_and_its_bundle_give_equal_answers(run, exported, photo):
    of_run, of_bundle = open_model(run), open_model(exported, threads=1)
    assert (of_run.kind, of_bundle.kind) == ("run", "bundle") == (kind_of(run), kind_of(exported))
    (first,), (second,) = of_run.predict(photo), of_bundle.predict(photo)
    assert first.malignant == pytest.approx(second.malignant, abs=1e-4)
    assert first.threshold == second.threshold
    assert of_run.decision.point == of_bundle.decision.point  # rule, target, intervals, numbers and source travel along


def test_what_only_a_bundle_can_do_names_the_export(run):
    for ask in (open_bundle, lambda model: open_model(model).record):
        with pytest.raises(BundleError, match=f"is a run. Export it first: lentigo export {run} --out BUNDLE"):
            ask(run)


def test_another_package_opens_its_own_kind_of_folder_by_an_entry_point(tmp_path, monkeypatch):
    class Theirs:
        marker = "model.xml"

        def open(self, folder, *, threads, spin, views):
            return ("opened", folder, threads, views)

    class Point:
        name = "tract"

        def load(self):
            return Theirs()

    monkeypatch.setattr(metadata, "entry_points", lambda group: [Point()] if group == "lentigo.backends" else [])
    with pytest.raises(ModelError, match="neither"):
        open_model(tmp_path)
    (tmp_path / "model.xml").touch()
    assert open_model(tmp_path, threads=2) == ("opened", tmp_path, 2, None)
    assert open_model("lentigo", backend="tract")[1] == shipped_folder()
    with pytest.raises(
        ConfigError,
        match="unknown backend 'trac'. Did you mean 'tract'[?] Installed are: onnxruntime, torch, openvino, tract",
    ):
        open_model("lentigo", backend="trac")


def test_the_project_registers_the_backends_that_it_falls_back_on(pytestconfig):
    import tomllib

    project = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text())["project"]
    assert project["entry-points"][opening.GROUP] == opening.built_in_backends()
