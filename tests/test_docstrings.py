"""Every example in a docstring runs, and every public function and record has one."""

import doctest
import importlib
import inspect
import math
import pkgutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tests.service.http.live import started

import lentigo

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(lentigo.__path__, "lentigo.")
    if not module.name.endswith("__main__")
)
# A protocol, a number, command-line plumbing, and records that only other functions make have nothing to show.
WITHOUT_EXAMPLE_ALLOWED = ("lentigo.cli", "lentigo.errors")


def examples_of(module):
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for test in finder.find(module, module.__name__) if test.examples]


@pytest.fixture
def namespace(request, tmp_path, photo, phantom, tiny, run):
    from lentigo.config import ImageConfig, ModelConfig
    from lentigo.model import open_model
    from lentigo.model.decision import Estimate

    (tmp_path / "preds.csv").write_text(
        "image,target,benign,malignant\na,benign,0.9,0.1\nb,benign,0.4,0.6\nc,malignant,0.2,0.8\nd,malignant,0.6,0.4\n"
    )
    return {
        "Estimate": Estimate,
        "ImageConfig": ImageConfig,
        "ModelConfig": ModelConfig,
        "Path": Path,
        "bundle_folder": Path(__file__).parent / "fixtures" / "bundle-v1",
        "folder": tmp_path / "folder",
        "math": math,
        "np": np,
        "open_model": open_model,
        "pd": pd,
        "phantom": phantom,
        "photo": photo,
        "predictions_csv": tmp_path / "preds.csv",
        "run": run,
        "tiny": tiny,
        "torch": torch,
    }


@pytest.fixture
def address(request, bundle_folder, tmp_path):
    """Of a running service, for the examples of the client alone."""
    if "[lentigo.service.http._client]" not in request.node.name:
        yield ""
        return
    with started(bundle_folder, tmp_path / "service.log", "--workers", "1") as live:
        yield live.address


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name, namespace, address, tmp_path):
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for number, test in enumerate(examples_of(module)):
        folder = tmp_path / f"folder{number}"
        folder.mkdir()
        report_inputs = inputs_of(namespace["run"]) if "report_inputs" in test.docstring else None
        test.globs = {**vars(module), **namespace, "folder": folder, "report_inputs": report_inputs}
        test.globs |= {"run": namespace["run"], "address": address}
        # In a thread of its own: a browser that another test keeps open leaves an event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(runner.run, test).result()
    assert runner.summarize(verbose=False).failed == 0


def inputs_of(run):
    from lentigo.stages._report import report_inputs
    from lentigo.stages._run_folder import Run

    return report_inputs(Run.open(run))


def test_every_name_of_the_package_can_be_imported_and_is_sorted():
    for name in lentigo.__all__:
        assert getattr(lentigo, name) is not None
    assert list(lentigo.__all__) == sorted(lentigo.__all__, key=lambda n: (n.isupper(), n))


def test_every_module_says_what_it_is_for():
    for name in MODULES:
        assert (importlib.import_module(name).__doc__ or "").strip(), name


def test_every_public_name_of_the_package_has_an_example():
    for name in lentigo.__all__:
        thing = getattr(lentigo, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            texts = [thing.__doc__ or "", *(inspect.getdoc(member) or "" for member in vars(thing).values())]
            assert any(">>>" in text for text in texts) or issubclass(thing, Exception), name
