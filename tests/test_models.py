from lentigo.model.opening import place_of, shipped_folder


def test_a_model_of_ones_own_with_that_name_goes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of("lentigo") == shipped_folder()
    (tmp_path / "lentigo").mkdir()
    assert place_of("lentigo") == shipped_folder()
    (tmp_path / "lentigo" / "bundle.json").touch()
    assert str(place_of("lentigo")) == "lentigo"


def test_any_other_path_stays(tmp_path):
    assert place_of(tmp_path / "lentigo") == tmp_path / "lentigo"
