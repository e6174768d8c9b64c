"""What the user has said about a table: which column is which, and what becomes of rows without a diagnosis."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from lentigo.errors import ConfigError, DataError, name_offenders, suggest
from lentigo.images import ALIASES, squeezed

NO_COLUMN: Final = "none"


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings `data.columns` and `data.undiagnosed`.

    Args:
        columns: from a field of the contract to the column that holds it, or to "none" where no column does; also from
            any other column to "none", which makes it metadata and nothing else.
        undiagnosed: whether rows without a diagnosis are an error or left out and counted.
        needs_images: whether a table's images must be there; without, rows that have none keep the path where their
            image would lie, for data whose embeddings were computed elsewhere.

    Raises:
        ConfigError: a key that is not a field has another value than "none".

    Example:
        >>> Choices({"patient_id": "Pat-Nr", "case_id": "none"}).field_of("pat nr")
        'patient_id'
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    undiagnosed: Literal["error", "drop"] = "error"
    needs_images: bool = True

    def __post_init__(self) -> None:
        for key, value in self.columns.items():
            if key not in ALIASES and value.casefold() != NO_COLUMN:
                raise ConfigError(
                    f"data.columns.{key} is '{value}', and '{key}' is not a field.{suggest(key, list(ALIASES))} "
                    f"Fields are: {', '.join(ALIASES)}. For a column that is not a field, use '{NO_COLUMN}'."
                )

    def field_of(self, column: str) -> str | None:
        """Return the field that the user has put a column to; None for none."""
        found = (name for name, chosen in self._chosen.items() if squeezed(chosen) == squeezed(column))
        return next(found, None)

    def is_closed(self, name: str) -> bool:
        """Return whether no alias counts for a field any more: the user has named its column, or said that it has none.

        Example:
            >>> Choices({"patient_id": "none"}).is_closed("patient_id")
            True
        """
        return name in self.columns and name in ALIASES

    def is_ignored(self, column: str) -> bool:
        """Return whether the user has said that a column is metadata.

        Example:
            >>> Choices({"case_id": "none"}).is_ignored("Case ID")
            True
        """
        said = {squeezed(key) for key, value in self.columns.items() if value.casefold() == NO_COLUMN}
        return squeezed(column) in said - {squeezed(name) for name in ALIASES}

    def check(self, columns: Iterable[str], origin: str) -> None:
        """Raise unless every column that the user named is there.

        Raises:
            DataError: one is not.
        """
        names = [str(name) for name in columns]
        known = {squeezed(name) for name in names}
        for key, chosen in self._chosen.items():
            if squeezed(chosen) not in known and key not in names:
                raise DataError(
                    f"{origin} has no column '{chosen}', which data.columns.{key} names.{suggest(chosen, names)} "
                    f"Its columns are: {name_offenders(names, limit=12)}."
                )

    @property
    def _chosen(self) -> dict[str, str]:
        return {key: value for key, value in self.columns.items() if key in ALIASES and value.casefold() != NO_COLUMN}


NOBODY: Final = Choices()
"""The choices of a user who has said nothing."""
