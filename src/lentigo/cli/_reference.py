"""The page docs/cli.md: the help of every command, as it is printed. `make docs` writes it, a test keeps it current."""

import importlib
import sys

import click

from lentigo.cli import VERBS, group

HEADER = """# Command line

Written by `make docs` from the help of each command. Results go to stdout, log and progress to stderr; `--json` prints
the result as JSON; nothing is overwritten without `--force`. Exit status: 0 done, 1 an error in one sentence
(`lentigo --debug COMMAND ...` shows the traceback), 2 wrong usage. Every KEY of `--set KEY=VALUE` and the recipes:
[settings.md](settings.md).
"""


def reference_page() -> str:
    """Return the help of lentigo and of every command as Markdown.

    Example:
        >>> "## lentigo train" in reference_page()
        True
    """
    parts = [HEADER, _block(group, "lentigo", level="##")]
    for verb in VERBS:
        command: click.Command = getattr(importlib.import_module(f"lentigo.cli._{verb}"), verb)
        parts.append(_block(command, f"lentigo {verb}", level="##"))
    return "\n".join(parts)


def _block(command: click.Command, name: str, *, level: str) -> str:
    context = click.Context(command, info_name=name, help_option_names=["-h", "--help"], terminal_width=110)
    return f"{level} {name}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
