"""Everything that is wrong with a table, told at once.

Someone who mends a table of ten thousand rows wants the whole list, not one error a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lentigo.data.manifest._columns import Column
from lentigo.errors import LentigoError, ManifestError, name_offenders
from lentigo.wording import counted


@dataclass(frozen=True, slots=True)
class Problems:
    """A growing list of what is wrong with one table.

    Args:
        origin: the file or folder the table came from; a CSV's rows are named by their line.
        sentences: a problem each.
        advice: what helps with several of them, said after them; it is not a problem and is not counted as one.

    Example:
        >>> import pandas as pd
        >>> problems = Problems("metadata.csv")
        >>> problems.add(pd.Series([False, True]), "no image_id", remedy="Give every image one.")
        >>> problems.sentences
        ['metadata.csv line 3: no image_id. Give every image one.']
    """

    origin: str
    sentences: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    def add(
        self,
        is_wrong: Column,
        what: str,
        *,
        values: "Column | None" = None,
        remedy: str = "",
    ) -> None:
        """Note the rows where `is_wrong` holds; nothing is noted where it holds nowhere.

        Args:
            is_wrong: one flag a row, labelled by row number from 0.
            what: what is wrong with those rows.
            values: the offending values, one a row.
            remedy: what to do about it, a sentence.
        """
        rows = is_wrong.index[is_wrong.to_numpy(dtype=bool)]
        if len(rows) == 0:
            return
        shown = "" if values is None else f": {name_offenders(dict.fromkeys(values.loc[rows].tolist()))}"
        self.note(f"{self.place(list(rows))}: {what}{shown}. {remedy}")

    def note(self, sentence: str) -> None:
        """Note a problem in words of its own."""
        self.sentences.append(sentence.strip())

    def place(self, rows: Sequence[int]) -> str:
        """Return where these rows stand: "metadata.csv line 214", or "metadata.parquet rows 1, 2"."""
        is_csv = self.origin.lower().endswith((".csv", ".tsv", ".txt", ".tab", "ham10000_metadata"))
        offset, unit = (2, "line") if is_csv else (1, "row")
        numbers = [int(row) + offset for row in rows if isinstance(row, int | np.integer)]
        if not numbers:
            return self.origin
        return f"{self.origin} {unit}{'s' if len(numbers) > 1 else ''} {name_offenders(numbers)}"

    def raise_any(self, error: type[LentigoError] = ManifestError) -> None:
        """Raise everything noted as one error; return when nothing was.

        Raises:
            LentigoError: (of the class given as `error`) anything was noted.
        """
        below = "".join(f"\n{advice}" for advice in self.advice)
        if len(self.sentences) == 1:
            raise error(f"{self.sentences[0]}{below}")
        if self.sentences:
            listed = "".join(f"\n- {sentence}" for sentence in self.sentences)
            raise error(f"{self.origin} has {counted(len(self.sentences), 'problem')}:{listed}{below}")
