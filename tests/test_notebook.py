"""The notebook for the first hour: what it calls is there, and it runs from its first cell to its last."""

import ast
import json
import os

import pytest

import lentigo

NOTEBOOK = "docs/notebooks/first_hour.ipynb"


@pytest.fixture
def notebook(request):
    return json.loads((request.config.rootpath / NOTEBOOK).read_text(encoding="utf-8"))


def test_every_cell_compiles_and_every_name_of_lentigo_is_there(notebook):
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 8
    for cell in cells:
        for node in ast.walk(ast.parse(cell)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "lentigo":
                assert hasattr(lentigo, node.attr), cell


@pytest.mark.slow
def test_the_notebook_runs_offline_to_its_last_cell(notebook, tmp_path, request, monkeypatch):
    nbclient = pytest.importorskip("nbclient", reason="pip install nbclient ipykernel")
    nbformat = pytest.importorskip("nbformat")
    source = str(request.config.rootpath / "src")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([source, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # beside other tests, threads only wait for one another
    done = nbformat.from_dict(notebook)
    nbclient.NotebookClient(
        done, timeout=1800, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    shown = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert any("text/html" in output.get("data", {}) for output in shown)
    assert any("image/png" in output.get("data", {}) for output in shown)
