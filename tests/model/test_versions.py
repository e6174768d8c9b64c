import pytest

from lentigo import open_model
from lentigo.errors import CheckpointError, ModelError
from lentigo.model import _versions, is_shipped, place_of, version_named
from lentigo.model._versions import versions
from lentigo.training._shipped import version_to_start_from


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A place with three versions in its table, of which the first two are there."""
    monkeypatch.setattr(_versions, "PLACE", tmp_path)
    monkeypatch.setattr(_versions, "FOLDERS", {1: "old", 2: "new", 3: "next"})
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bundle.json").write_text('{"network": {"backbone": "resnet18"}}')
    return tmp_path


def test_the_name_alone_is_the_newest_version_that_is_there(shipped):
    assert place_of("lentigo") == shipped / "new"
    (shipped / "next").mkdir()
    assert place_of("lentigo") == shipped / "new"  # a folder that is not complete is not a version
    (shipped / "next" / "bundle.json").touch()
    assert place_of("lentigo") == shipped / "next"


def test_every_version_stays_loadable_by_number_and_by_the_name_of_its_folder(shipped):
    assert [version.name for version in versions()] == ["lentigo@1", "lentigo@2"]
    assert place_of("lentigo@1") == place_of("old") == shipped / "old"
    assert place_of("lentigo@2") == place_of("new") == shipped / "new"


@pytest.mark.parametrize("name", ["lentigo@3", "lentigo@9", "lentigo@", "lentigo@x", "lentigo@01", "next"])
def test_a_version_that_is_not_there_is_refused_with_those_that_are(shipped, name):
    with pytest.raises(ModelError, match=f"no model '{name}' .* There are: lentigo@1, lentigo@2. 'lentigo' is the new"):
        open_model(name)


def test_an_installation_without_any_version_says_so(shipped):
    for version in versions():
        (version.folder / "bundle.json").unlink()
    with pytest.raises(ModelError, match="none; install lentigo again"):
        open_model("lentigo")


def test_other_names_are_paths(shipped):
    assert version_named("lentigo-run") is version_named("runs/lentigo@1") is None
    assert not is_shipped("lentigo.toml")


def test_a_folder_of_that_name_goes_first(shipped, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lentigo@1").mkdir()
    (tmp_path / "lentigo@1" / "config.toml").touch()
    assert str(place_of("lentigo@1")) == "lentigo@1"


def test_training_starts_from_a_version_that_brings_its_normalisations(shipped):
    (shipped / "old.normalisations.safetensors").touch()
    version, backbone = version_to_start_from("lentigo@1")
    assert (version.number, backbone) == (1, "resnet18")
    with pytest.raises(CheckpointError, match="'lentigo' cannot be trained further"):
        version_to_start_from()


def test_the_first_shipped_model_loads_by_its_version():
    assert open_model("lentigo@1", threads=1).name == "lentigo-resnet18"
    assert version_to_start_from("lentigo@1")[1] == "resnet18"
