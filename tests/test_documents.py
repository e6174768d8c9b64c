"""Every code block of README and docs: Python compiles and its imports exist, commands are ones the verbs accept."""

import ast
import importlib
import re
import shlex

import pytest

from lentigo.cli import VERBS

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/*.md")
BELOW = "`python benchmarks/tutorial.py` runs every command below"
ELSEWHERE = {"tritonclient"}  # of another program, which a reader has or has not


def blocks(root, language):
    for pattern in DOCUMENTS:
        for path in sorted(root.glob(pattern)):
            text = path.read_text(encoding="utf-8")
            for block in re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
                yield path.relative_to(root).as_posix(), block


def test_every_python_block_compiles_and_every_name_it_imports_is_there(request):
    found = list(blocks(request.config.rootpath, "python"))
    assert len(found) >= 5
    for where, block in found:
        if where == "docs/api.md":
            continue  # signatures, and examples that tests/test_docstrings.py runs
        for node in ast.walk(ast.parse(block, where)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] not in ELSEWHERE:
                module = importlib.import_module(node.module)
                assert [one.name for one in node.names if not hasattr(module, one.name)] == [], where


def test_every_lentigo_command_of_every_document_is_one_the_verbs_accept(request):
    n_commands = 0
    for where, block in blocks(request.config.rootpath, "console"):
        if where == "docs/experiments.md":
            continue  # a log of what was run, by the options of its day
        for line in re.sub(r"\\\n", " ", block).splitlines():
            command = line.removeprefix("$ ")
            if not command.startswith("lentigo ") or any(sign in command for sign in ("...", "|", "$(", "&&", ";")):
                continue
            _, verb, *arguments = shlex.split(command, comments=True)
            assert verb in VERBS, (where, line)
            made = getattr(importlib.import_module(f"lentigo.cli._{verb}"), verb)
            made.make_context(verb, arguments, help_option_names=["-h", "--help"])
            n_commands += 1
    assert n_commands >= 35


def test_the_manifest_block_of_the_data_page_runs_as_it_stands(request, phantom, tmp_path, monkeypatch, capsys):
    (block,) = [block for where, block in blocks(request.config.rootpath, "python") if where == "docs/data.md"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ham10000").symlink_to(phantom)
    exec(compile(block, "docs/data.md", "exec"), {})
    assert "test" in capsys.readouterr().out
    assert (tmp_path / "manifest.csv").is_file()


@pytest.mark.slow
def test_the_readme_session_prints_what_it_says(request, tmp_path, monkeypatch, capsys):
    """The comment beside the AUROC gives a bound that the session has to keep; it promised 0.912 and printed 0.45."""
    (session,) = [block for where, block in blocks(request.config.rootpath, "python") if where == "README.md"]
    least = float(re.search(r"AUROC above (0\.\d+)", session)[1])
    monkeypatch.chdir(tmp_path)
    exec(compile(session, "README.md", "exec"), {})
    printed = capsys.readouterr().out
    value, low, high = map(float, re.search(r"^(\d\.\d+) \[(\d\.\d+), (\d\.\d+)\]$", printed, re.MULTILINE).groups())
    assert low <= value <= high
    assert value > least
    assert re.search(r"(refer|benign-looking), malignant ", printed)


def test_every_page_of_the_documentation_is_in_the_site_and_every_page_of_the_site_is_there(request):
    root = request.config.rootpath
    settings = (root / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r": ([\w-]+\.md)$", settings, flags=re.MULTILINE))
    assert named == {path.name for path in (root / "docs").glob("*.md")}
    laboratory = (root / "docs" / "laboratory.md").read_text(encoding="utf-8")
    decisions = {f"decisions/{path.name}" for path in (root / "docs" / "decisions").glob("*.md")}
    assert set(re.findall(r"\]\((decisions/[^)]+)\)", laboratory)) == decisions


def test_the_tutorial_shows_what_its_commands_print(request):
    """benchmarks/tutorial.py writes the page."""
    text = (request.config.rootpath / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert BELOW in text
    commands = re.findall(r"^\$ (lentigo \w+.*)\n(.*)", text, flags=re.MULTILINE)
    assert len(commands) >= 8
    silent = [command for command, printed in commands if printed.startswith(("$", "```"))]
    assert len(silent) <= len(commands) - 4
