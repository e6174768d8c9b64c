"""Run the commands of docs/tutorial.md in an empty folder, and write what they print below them.

    python benchmarks/tutorial.py

A command is a line that begins with "$ "; what follows it in its block is replaced. Progress and log, which go to
stderr, are left out. A command that fails ends the script with its message, and the page stays as it was.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands_in(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def printed(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    wanted = ["bash", "-o", "pipefail", "-c", command]
    done = subprocess.run(
        wanted, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 141):  # 141: `head` has closed the pipe
        raise SystemExit(f"{command}\n{done.stderr}")
    return done.stdout.rstrip()


def filled(block: str, folder: Path) -> str:
    lines = []
    for command in commands_in(block):
        said = printed(command, folder)
        lines += [f"$ {command}", *([said] if said else [])]
    return "\n".join(lines)


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        text = BLOCK.sub(
            lambda found: f"```console\n{filled(found[1], Path(folder))}\n```" if commands_in(found[1]) else found[0],
            text,
        )
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
