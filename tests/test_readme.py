"""The README is what a newcomer tries first: its commands parse, its Python session runs, its tree is complete."""

import importlib
import re
import shlex

import pytest

from lentigo.cli import VERBS


@pytest.fixture
def readme(request):
    return (request.config.rootpath / "README.md").read_text()


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_every_command_line_is_one_the_verbs_accept(readme):
    lines = [line for block in blocks(readme, "console") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("lentigo ")]
    assert len(commands) == 6
    for _, verb, *arguments in commands:
        assert verb in VERBS
        command = getattr(importlib.import_module(f"lentigo.cli._{verb}"), verb)
        # click keeps the help option of a command's first context, so it has to be the one that the group gives
        command.make_context(verb, arguments, help_option_names=["-h", "--help"])


def test_the_make_targets_exist(readme, request):
    makefile = (request.config.rootpath / "Makefile").read_text()
    targets = re.findall(r"^make (\w+)", "\n".join(blocks(readme, "console")), flags=re.MULTILINE)
    assert targets == ["demo", "test"]
    for target in targets:
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


def test_the_tree_names_every_module(readme, request):
    source = request.config.rootpath / "src" / "lentigo"
    entries = [path for path in source.iterdir() if path.name[0] not in "_."]
    packages = {f"{path.name}/" for path in entries if path.is_dir()}
    assert set(re.findall(r"^├── (\S+/)", readme, flags=re.MULTILINE)) == packages
    ground = re.search(r"^└── the ground((?:.|\n)*?):", readme, flags=re.MULTILINE)[1]
    assert set(re.findall(r"\w+", ground)) == {path.stem for path in entries if path.suffix == ".py"}


def test_the_readme_fits_one_screen_for_each_reader(readme):
    assert len(readme.splitlines()) <= 150
