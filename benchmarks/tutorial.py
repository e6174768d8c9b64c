"""Run the commands of docs/tutorial.md in an empty folder, and write what they print below them.

    python benchmarks/tutorial.py

A command is a line that begins with "$ "; what follows it in its block is replaced. Above a block, a comment such as
<!-- lines: 20 --> says how many lines of an output the page shows. Progress and log, which go to stderr, are left out.
A command that fails ends the script with its message, and the page stays as it was.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"(?:<!-- lines: (\d+) -->\n)?^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands_in(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def printed(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{command}\n{done.stderr}")
    return done.stdout.rstrip()


def filled(found: re.Match[str], folder: Path) -> str:
    commands = commands_in(found[2])
    if not commands:
        return found[0]
    most = int(found[1] or 10_000)
    lines = []
    for command in commands:
        said = printed(command, folder).splitlines()
        lines += [f"$ {command}", *said[:most], *(["..."] if len(said) > most else [])]
    return found[0].replace(found[2], "\n".join(lines) + "\n")


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        text = BLOCK.sub(lambda found: filled(found, Path(folder)), text)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
