"""The CSV of `lentigo compare A B --data ... --changes FILE`."""

from pathlib import Path

from lentigo.numbers.evaluation import CHANGE_COLUMNS, AnswerChanges
from lentigo.storage import new_file, row_writer


def write_changes(path: str | Path, changes: AnswerChanges) -> None:
    """Write one row per image whose answer changes, lost melanomas first: a file of before is overwritten.

    Args:
        path: of the CSV.
        changes: of a comparison of two models on photographs.

    Example:
        >>> from lentigo.numbers.evaluation import ChangedAnswer, changed_answers
        >>> lost = ChangedAnswer("a", "MEL", True, "refer", "benign-looking", 0.4, 0.02)
        >>> write_changes(folder / "changes.csv", changed_answers([lost]))
        >>> (folder / "changes.csv").read_text().splitlines()[1]
        'a,MEL,True,refer,benign-looking,0.4,0.02,True'
    """
    with new_file(Path(path)) as partial, partial.open("w", encoding="utf-8", newline="") as stream:
        write = row_writer(stream)
        write(CHANGE_COLUMNS)
        for change in changes.listed:
            row = change.json()
            write([row[name] for name in CHANGE_COLUMNS])
