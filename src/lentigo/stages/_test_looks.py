"""The looks at a run's test images: which stages count as one, and where they are written down."""

from pathlib import Path

from lentigo.numbers.evaluation import FILE, UNCOUNTED, carried_over, note
from lentigo.stages._run_folder import Run


def record_test_look(run: Run, verb: str, what: str) -> None:
    """Write down that figures of a run's test images are shown.

    Args:
        run: whose.
        verb: that shows them.
        what: the figures.
    """
    note(run.folder, verb, what, run.name_of_test())


def carry_over(old: Path, new: Path) -> None:
    """Write the looks of a run that is replaced into the one that takes its place."""
    if lines := carried_over(old):
        (new / FILE).write_text(lines, encoding="utf-8")


def run_of_predictions(path: str | Path) -> Run | None:
    """Return the run whose test predictions a file is; None for any other file."""
    path = Path(path)
    folder = path.resolve().parent.parent
    is_test = path.name == "test.csv" and path.resolve().parent.name == "predictions"
    return Run(folder) if is_test and (folder / "config.toml").is_file() else None


def describe_test_looks(model: Path) -> str:
    """Return how often the test images of a run, or the images of a predictions file, were looked at."""
    run = Run(model) if (model / "config.toml").is_file() else run_of_predictions(model)
    return UNCOUNTED if run is None else run.looks().sentence()
