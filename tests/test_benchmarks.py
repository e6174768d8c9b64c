"""The scripts of the laboratory import what there is: a renamed function otherwise breaks them unseen."""

import ast
import importlib
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SCRIPTS = sorted(FOLDER.rglob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.relative_to(FOLDER).as_posix())
def test_a_script_imports_names_that_exist(script):
    for module, name in _imports(ast.parse(script.read_text(encoding="utf-8"))):
        if module.split(".")[0] == "lentigo":
            found = importlib.import_module(module)
            assert hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}"), f"{module}.{name}"
        elif (beside := script.parent / f"{module}.py").is_file():
            assert name in _defined(ast.parse(beside.read_text(encoding="utf-8"))), f"{module}.{name}"


def _imports(tree: ast.Module) -> list[tuple[str, str]]:
    # ratios.py also tries the names of the commit that it compares with
    tried = {node for block in ast.walk(tree) if isinstance(block, ast.Try) for node in ast.walk(block)}
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module and node not in tried]
    return [(node.module, alias.name) for node in froms for alias in node.names]


def _defined(tree: ast.Module) -> set[str]:
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names
