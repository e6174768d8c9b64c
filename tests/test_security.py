"""What SECURITY.md claims: its tests exist, and versions with a known hole cannot be installed."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "SECURITY.md").read_text(encoding="utf-8"))


def test_security_md_names_tests():
    assert len(NAMED) > 30


@pytest.mark.parametrize(("path", "name"), sorted(set(NAMED)))
def test_every_test_that_security_md_names_exists(path, name):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_of_its_table_of_failures_names_a_test():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    table = text.partition("| there | here | test |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line]
    assert len(rows) > 20
    assert [row for row in rows if "::test_" not in row.split(" | ")[-1]] == []


# The first version without the holes that SECURITY.md lists. FastAPI 0.165 brings Starlette 1.6.
FIRST_MENDED = {
    "pillow": (12, 3),
    "python-multipart": (0, 0, 27),
    "fastapi": (0, 165),
    "pydicom": (3, 0, 2),
    "torch": (2, 10),
}


def test_no_version_with_a_known_hole_can_be_installed():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for group in project["optional-dependencies"].values() for line in group)]
    lowest = {
        name.lower(): version
        for name, version in (re.findall(r"^([\w-]+)(?:\[\w+\])?>=([\d.]+)", line)[0] for line in lines if ">=" in line)
    }
    for name, mended in FIRST_MENDED.items():
        assert tuple(int(part) for part in lowest[name].split(".")) >= mended
    pinned = dict(
        re.findall(r"^([\w-]+)==([\d.]+)", (ROOT / "constraints.txt").read_text(encoding="utf-8").lower(), re.MULTILINE)
    )
    for name, mended in {**FIRST_MENDED, "starlette": (1, 6)}.items():
        assert tuple(int(part) for part in pinned[name].split(".")) >= mended
