"""Whether `predict`, `score` and `split` account for every file of a folder of 1,000 mixed files of thirty kinds.

The folder is drawn (`tests/mixed_files.py`): two class folders with photographs in fourteen kinds of names, damaged
ones in six and other files in ten. Each command runs as a user runs it. A file is accounted for when it has exactly one
row in the command's table, or is one of those that the command's message counts under a reason.

Usage: python benchmarks/mixed_folder.py [N_FILES] [MODEL]
"""

import csv
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # the drawing is the tests' own

from mixed_files import kinds, make_mixed

NOT_USED = re.compile(r"(\d+) files? not used: (.*)")


def rows_of(paths: list[Path]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as stream:
            rows += csv.DictReader(stream)
    return rows


def reasons(text: str) -> Counter[str]:
    """Return how many files a command's messages count under each reason."""
    found: Counter[str] = Counter()
    for number, listed in NOT_USED.findall(re.sub(r"\n\s+", " ", text)):
        one = Counter({m[2]: int(m[1]) for m in re.finditer(r"(?:^|; )(\d+) ([^;(]+?) \(", listed)})
        if one.total() != int(number):
            sys.exit(f"the reasons add up to {one.total()} of {number}: {listed}")
        found += one
    return found


def run(*arguments: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "lentigo", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def main(n_files: str = "1000", model: str = "lentigo") -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        files = make_mixed(root / "mixed", int(n_files))
        commands = {
            "predict": (("predict", model, str(root / "mixed"), "--out", str(root / "p.csv")), "image"),
            "score": (("score", model, str(root / "mixed"), "--out", str(root / "s")), "image"),
            "split": (("split", str(root / "mixed"), "--out", str(root / "m.csv")), "path"),
        }
        seen, errors = {}, {}
        for name, (arguments, column) in commands.items():
            code, said = run(*arguments)
            tables = {"predict": [root / "p.csv"], "score": sorted((root / "s").glob("part-*.csv"))}
            rows = rows_of(tables.get(name, [root / "m.csv"]))
            paths = [str((root / row[column]).resolve()) if name == "split" else row[column] for row in rows]
            twice = [path for path, n in Counter(paths).items() if n > 1]
            why = reasons(said)
            seen[name] = {Path(path).name for path in paths}
            errors[name] = {Path(row["image"]).name: row["error"] for row in rows if row.get("error")}
            print(
                f"{name:8} exit {code}: {len(files)} files of {len(kinds())} kinds = {len(rows)} rows "
                f"({len(errors[name])} with an error) + {why.total()} counted under a reason; {len(twice)} twice; "
                f"{len(files) - len(rows) - why.total()} unaccounted for"
            )
            print(f"         {', '.join(f'{n} {reason}' for reason, n in why.most_common())}")
        print("the same files have rows in all three:", seen["predict"] == seen["score"] == seen["split"])
        print("predict and score give the same errors:", errors["predict"] == errors["score"])


if __name__ == "__main__":
    main(*sys.argv[1:])
