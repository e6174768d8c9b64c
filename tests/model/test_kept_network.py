import json
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lentigo.model import _bundle as bundles
from lentigo.model import _kept_network as kept
from lentigo.model import open_model

PICTURE = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)


@pytest.fixture
def networks(tmp_path, monkeypatch):
    """The folder of kept networks: this test's own, for networks of any size."""
    monkeypatch.setenv("LENTIGO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv(kept.SWITCH, raising=False)
    monkeypatch.setattr(kept, "WORTH_KEEPING", 0)
    return tmp_path / "cache" / "networks"


@pytest.fixture
def optimised(monkeypatch):
    """How often a network was loaded from model.onnx."""
    found = []
    load = bundles.OnnxNetwork.load

    def counted(content, **options):
        found.append(len(content))
        return load(content, **options)

    monkeypatch.setattr(bundles.OnnxNetwork, "load", staticmethod(counted))
    return found


def answer(folder):
    said = next(iter(open_model(folder, threads=1).predict(PICTURE)))
    return said.probabilities, said.oddness


def entry_of(networks):
    (found,) = networks.iterdir()
    return found


def test_a_second_start_reads_the_optimised_network_and_answers_the_same(bundle_folder, networks, optimised):
    first = answer(bundle_folder)
    assert answer(bundle_folder) == first
    assert len(optimised) == 1
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in [networks, entry_of(networks), *entry_of(networks).iterdir()]
    }
    if hasattr(os, "getuid"):
        assert {oct(mode) for mode in modes.values()} == {"0o700", "0o600"}


@pytest.mark.parametrize("name", [kept.GRAPH, kept.WEIGHTS, kept.STAMP])
def test_a_damaged_entry_is_not_used_and_made_again(bundle_folder, networks, optimised, name):
    first = answer(bundle_folder)
    place = entry_of(networks) / name
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    assert answer(bundle_folder) == first
    assert answer(bundle_folder) == first
    assert len(optimised) == 2


def test_an_entry_that_lacks_a_file_is_made_again(bundle_folder, networks, optimised):
    first = answer(bundle_folder)
    (entry_of(networks) / kept.WEIGHTS).unlink()
    assert answer(bundle_folder) == answer(bundle_folder) == first
    assert len(optimised) == 2


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions of POSIX")
def test_what_others_could_have_written_is_not_used(bundle_folder, networks, optimised):
    answer(bundle_folder)
    for place in (networks, entry_of(networks), entry_of(networks) / kept.STAMP):
        mode = place.stat().st_mode & 0o777
        place.chmod(mode | 0o022)
        before = len(optimised)
        answer(bundle_folder)
        assert len(optimised) == before + 1
        if place.exists():
            place.chmod(mode)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions of POSIX")
def test_a_link_in_place_of_the_folder_is_not_followed(bundle_folder, networks, optimised, tmp_path):
    answer(bundle_folder)
    networks.rename(tmp_path / "elsewhere")
    networks.symlink_to(tmp_path / "elsewhere")
    answer(bundle_folder)
    assert len(optimised) == 2


def test_the_network_of_another_bundle_is_not_taken(bundle_folder, networks, optimised, tmp_path):
    import shutil

    from lentigo.model._files import RECORD, _seal

    answer(bundle_folder)
    other = tmp_path / "other"
    shutil.copytree(bundle_folder, other)
    payload = json.loads((other / RECORD).read_text())
    payload["name"] = "another"
    payload["seal"] = _seal({key: value for key, value in payload.items() if key != "seal"})
    (other / RECORD).write_text(json.dumps(payload))
    answer(other)
    assert len(optimised) == 2


def test_an_altered_model_is_refused_though_its_network_is_kept(bundle_folder, networks, tmp_path):
    import shutil

    from lentigo.errors import BundleError

    folder = tmp_path / "bundle"
    shutil.copytree(bundle_folder, folder)
    answer(folder)
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)
    with pytest.raises(BundleError, match="altered"):
        answer(folder)


def test_it_can_be_turned_off(bundle_folder, networks, monkeypatch):
    monkeypatch.setenv(kept.SWITCH, "0")
    answer(bundle_folder)
    assert not networks.exists()


def test_a_cache_that_cannot_be_written_costs_no_answer(bundle_folder, networks, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder would be")
    assert answer(bundle_folder)


def test_a_small_network_is_not_kept(bundle_folder, networks, monkeypatch):
    monkeypatch.setattr(kept, "WORTH_KEEPING", 2**22)
    answer(bundle_folder)
    assert not networks.exists()


def test_many_that_start_at_once_make_one_entry(bundle_folder, networks):
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(answer, [bundle_folder] * 8))
    assert all(one == said[0] for one in said)
    assert len(list(networks.iterdir())) == 1


def test_what_a_killed_process_left_does_not_stay(bundle_folder, networks, optimised):
    answer(bundle_folder)
    entry = entry_of(networks)
    left = entry.with_name(f".{entry.name}.partial")
    entry.rename(left)
    os.utime(left, (0, 0))
    answer(bundle_folder)  # cleared, and loaded without keeping
    answer(bundle_folder)
    assert [path.name for path in networks.iterdir()] == [entry.name]


def test_the_entries_used_last_stay(bundle_folder, networks):
    answer(bundle_folder)
    entry = entry_of(networks)
    for age in range(kept.MOST + 3):
        old = networks / f"{age:032}"
        old.mkdir(mode=0o700)
        os.utime(old, (age, age))
    (entry / kept.STAMP).unlink()
    answer(bundle_folder)
    left = sorted(path.name for path in networks.iterdir())
    assert len(left) == kept.MOST
    assert entry.name in left
    assert f"{0:032}" not in left
