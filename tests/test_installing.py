import json
from importlib import metadata

import pytest

from lentigo import installing
from lentigo.installing import install_line


class Distribution:
    def __init__(self, told):
        self.told = told

    def read_text(self, name):
        assert name == "direct_url.json"
        return None if self.told is None else json.dumps(self.told)


@pytest.fixture
def came_from(monkeypatch, tmp_path):
    """The lentigo that runs was installed from ...; it is not a checkout."""

    def pretend(told, needs=()):
        monkeypatch.setattr(installing, "__file__", str(tmp_path / "site" / "lentigo" / "installing.py"))
        monkeypatch.setattr(metadata, "distribution", lambda _: Distribution(told))
        monkeypatch.setattr(metadata, "requires", lambda _: list(needs))

    return pretend


def test_from_a_checkout_the_folder_is_named():
    assert install_line("serve").startswith("pip install -e '/")
    assert install_line("serve").endswith("[serve]'")


def test_from_a_folder_or_a_wheel_that_is_still_there_it_is_named_again(came_from, tmp_path):
    wheel = tmp_path / "a b" / "lentigo-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    came_from({"url": wheel.as_uri(), "archive_info": {}})
    assert install_line("serve") == f"pip install '{wheel}[serve]'"
    came_from({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert install_line("serve") == f"pip install '{tmp_path}[serve]'"


def test_from_a_repository_the_repository_is_named(came_from):
    came_from({"url": "https://example.org/l.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}})
    assert install_line("dicom") == "pip install 'lentigo[dicom] @ git+https://example.org/l.git@abc'"


@pytest.mark.parametrize(
    "told", [None, {}, {"url": "file:///nowhere/lentigo.whl"}, {"url": "http://example.org/x.whl"}]
)
def test_where_nothing_is_known_the_packages_are_named_and_never_lentigo(came_from, told):
    needs = ["numpy>=2", "fastapi>=0.165; extra == 'serve'", 'uvicorn>=0.34; extra == "serve"', "ray; extra == 'ray'"]
    came_from(told, needs)
    assert install_line("serve") == "pip install 'fastapi>=0.165' 'uvicorn>=0.34'"
    came_from(told)
    assert install_line("serve").startswith("pip install 'PATH[serve]', where PATH is")


@pytest.mark.parametrize("extra", ["train", "parquet", "tensorboard", "isic", "serve", "dicom", "ray"])
def test_no_line_asks_an_index_for_the_name(extra, came_from):
    assert "'lentigo[" not in install_line(extra)
    came_from(None, [f"x; extra == '{extra}'"])
    assert "lentigo" not in install_line(extra)
