"""How the scripts of guesses run their questions: each function named by a letter and a number answers one."""

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def answer_all(names: dict[str, Any], letter: str, packages: str) -> None:
    """Print versions, then what each question of a module found; arguments choose questions."""
    print(", ".join(versions(packages)))
    wanted = set(sys.argv[1:])
    questions: dict[str, Callable[[], object]] = {
        name: thing for name, thing in names.items() if name[0] == letter and name[1:].isdigit()
    }
    for name, ask in questions.items():
        if wanted and name not in wanted:
            continue
        try:
            print(name.upper(), ask(), flush=True)
        except Exception as error:  # noqa: BLE001 - an error is an answer here
            print(name.upper(), f"raises {type(error).__name__}: {str(error)[:300]}", flush=True)


def versions(packages: str) -> list[str]:
    """Return what is installed of some packages, and what is not."""
    found = []
    for name in packages.split():
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"without {name}")
    return found
