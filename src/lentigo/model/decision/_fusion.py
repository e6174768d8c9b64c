"""Age, sex, site and other columns beside the image: `Fusion` moves the malignant log-odds before a decision is made.

Late fusion: the log-odds that the image has are scaled, and each column adds a number of its own to them. So an answer
can say what each column did ("age +0.4 logits"), numpy alone computes it, and a column that nobody filled in adds 0,
which is what the average patient of the images that it was fitted on gets. Probabilities within the malignant classes,
and within the benign ones, keep their ratios.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import BundleError, ConfigError, name_offenders, suggest
from lentigo.model._json_reader import Fields
from lentigo.model.decision._estimate import Estimate

Floats = NDArray[np.float64]
Columns = Mapping[str, object]
"""What is known of one photograph: a value for some of the columns."""

KINDS: Final = ("number", "category", "context")  # context: computed from the patient's other photographs
UNKNOWN: Final = frozenset(("", "unknown", "nan", "none", "null", "na", "n/a", "not known", "unbekannt"))
MOST_LOG_ODDS: Final = math.log((1 - 1e-6) / 1e-6)  # of an image: beyond, one photograph would outweigh any column
MOST_TERMS: Final = 50
MOST_VALUES: Final = 100


@dataclass(frozen=True, slots=True)
class FusionTerm:
    """What one column adds to the malignant log-odds.

    Args:
        name: of the column.
        kind: "number", "category" or "context".
        at: of a number: where its curve bends, ascending; straight lines between, the ends' values beyond.
        values: of a category: those that are known, in lower case.
        effect: in logits, one per entry of `at` or `values`.

    Example:
        >>> FusionTerm("age", "number", (20.0, 80.0), (), (-1.0, 1.0)).effects([50, None, "90", "unknown"]).tolist()
        [0.0, 0.0, 1.0, 0.0]
        >>> FusionTerm("sex", "category", (), ("female", "male"), (-0.25, 0.25)).effects(["Male", "other"]).tolist()
        [0.25, 0.0]
    """

    name: str
    kind: str
    at: tuple[float, ...]
    values: tuple[str, ...]
    effect: tuple[float, ...]

    def __post_init__(self) -> None:
        known = self.values if self.kind == "category" else self.at
        is_rising = all(low < high for low, high in zip(self.at, self.at[1:], strict=False))
        if self.kind not in KINDS or not known or len(known) != len(self.effect) or not is_rising:
            raise BundleError(f"the column '{self.name}' of the model is not complete. Export the run again.")

    @property
    def is_asked(self) -> bool:
        """Whether somebody has to fill it in; context is computed."""
        return self.kind != "context"

    def effects(self, given: Sequence[object]) -> Floats:
        """Return what each value adds, in logits, shape (N,); 0 for what is unknown."""
        if self.kind == "category":
            table = dict(zip(self.values, self.effect, strict=True))
            return np.array([table.get(self._category(one), 0.0) for one in given], dtype=np.float64)
        numbers = np.array([number_of(one) for one in given], dtype=np.float64)
        moved = np.interp(numbers, self.at, self.effect)
        return np.where(np.isnan(numbers), 0.0, moved)

    def problem(self, value: object) -> str:
        """Return why a value cannot be used, in words; empty for one that can, or is unknown."""
        if not is_known(value):
            return ""
        if self.kind == "category":
            if self._category(value) in self.values:
                return ""
            return f"'{value}' is not a known value of '{self.name}'. Known: {', '.join(self.values)}, unknown."
        return f"'{value}' is not a number for '{self.name}'." if math.isnan(number_of(value)) else ""

    def _category(self, value: object) -> str:
        """Return a value as it is among those of a category; a site in words as the ISIC archive's ("left calf")."""
        text = plain(value)
        if self.name != "site" or text in self.values:
            return text
        from lentigo._body_sites import body_site  # its words are needed only here

        return body_site(text) or text

    def json(self) -> dict[str, Any]:
        """Return the term as JSON types."""
        known = {"values": list(self.values)} if self.kind == "category" else {"at": list(self.at)}
        return {"name": self.name, "kind": self.kind, **known, "effect": list(self.effect)}

    @classmethod
    def from_fields(cls, fields: Fields) -> "FusionTerm":
        """Return the term that `json` wrote."""
        name, kind = fields.text("name", longest=100), fields.choice("kind", KINDS)
        is_category = kind == "category"
        return cls(
            name,
            kind,
            () if is_category else fields.numbers("at", most=MOST_VALUES, low=-1e9, high=1e9),
            fields.texts("values", most=MOST_VALUES, longest=100) if is_category else (),
            fields.numbers("effect", most=MOST_VALUES, low=-100, high=100),
        )


@dataclass(frozen=True, slots=True)
class Fusion:
    """How columns are joined with the image.

    Args:
        slope: factor of the image's malignant log-odds, above 0 unless the patient's other photographs count.
        offset: added to them.
        terms: what each column adds.
        n_images: it was fitted on.
        gain: AUROC of image and columns less that of the image alone, in nested folds.
        note: what else has to be said of it; empty where the gain is shown.
        lone: what holds for a photograph without others of its patient; None where these do not count. Beside the
            others, the score of the image itself may hardly count, or count against what they say: alone it must not.

    Example:
        >>> age = FusionTerm("age", "number", (20.0, 80.0), (), (-1.0, 1.0))
        >>> fusion = Fusion(1.0, 0.0, (age,), 500, Estimate(0.02, 0.01, 0.03, n=500))
        >>> logits, added = fusion.fuse(np.zeros((1, 2)), np.array([False, True]), [{"age": 80}])
        >>> logits.tolist(), added.tolist()
        ([[0.0, 1.0]], [[1.0]])
    """

    slope: float
    offset: float
    terms: tuple[FusionTerm, ...]
    n_images: int
    gain: Estimate
    note: str = ""
    lone: "Fusion | None" = None

    def __post_init__(self) -> None:
        names = [term.name for term in self.terms]
        is_whole = self.lone is not None and not self.lone.has_context if self.has_context else self.slope > 0
        if not is_whole or len(set(names)) < len(names):
            raise BundleError("the columns of the model cannot be joined with its image scores. Export the run again.")

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the columns that somebody has to fill in."""
        return tuple(term.name for term in self.terms if term.is_asked)

    @property
    def has_context(self) -> bool:
        """Whether the patient's other photographs count."""
        return not all(term.is_asked for term in self.terms)

    def fuse(
        self,
        logits: NDArray[np.floating[Any]],
        is_malignant: NDArray[np.bool_],
        columns: Sequence[Columns] | None = None,
    ) -> tuple[Floats, Floats]:
        """Return logits (N, K) of image and columns, and what each column added (N, T).

        Args:
            logits: of the image, or log probabilities.
            is_malignant: (K,) which classes are.
            columns: what is known of each photograph; nothing of any when left out.
        """
        said = log_odds(logits, is_malignant)
        known = columns if columns is not None else [{}] * len(said)
        added = np.zeros((len(said), len(self.terms)))
        for place, term in enumerate(self.terms):
            added[:, place] = term.effects([one.get(term.name) for one in known])
        image = said.clip(-MOST_LOG_ODDS, MOST_LOG_ODDS)
        joined = self.offset + self.slope * image + added.sum(axis=1)
        if self.lone is not None:
            context = [term.name for term in self.terms if not term.is_asked]
            is_lone = np.array([not any(is_known(one.get(name)) for name in context) for one in known], dtype=bool)
            alone = self.lone.offset + self.lone.slope * image
            for term in self.lone.terms:
                place = [one.name for one in self.terms].index(term.name)
                effects = term.effects([one.get(term.name) for one in known])
                added[is_lone, place] = effects[is_lone]
                alone = alone + effects
            joined = np.where(is_lone, alone, joined)
        return logits.astype(np.float64) + np.outer(joined - said, is_malignant), added

    def refuse_unusable(self, columns: Columns) -> None:
        """Raise where what is known of a photograph names another column, or a value that cannot be used.

        Raises:
            ConfigError: see above; the message names what is known.
        """
        terms = {term.name: term for term in self.terms if term.is_asked}
        for name, value in columns.items():
            if name not in terms:
                near = suggest(name, list(terms))
                raise ConfigError(f"the model does not use '{name}'.{near} It uses: {name_offenders(terms, limit=20)}.")
            if problem := terms[name].problem(value):
                raise ConfigError(problem)

    def json(self) -> dict[str, Any]:
        """Return the fusion as JSON types."""
        plain_ones = {name: getattr(self, name) for name in ("slope", "offset", "n_images", "note")}
        lone = {} if self.lone is None else {"lone": self.lone.json()}
        return {**plain_ones, "terms": [term.json() for term in self.terms], "gain": self.gain.json(), **lone}

    @classmethod
    def from_fields(cls, fields: Fields) -> "Fusion":
        """Return the fusion that `json` wrote."""
        return cls(
            slope=fields.number("slope", low=-1e3, high=1e3),
            offset=fields.number("offset", low=-1e3, high=1e3),
            terms=fields.records("terms", FusionTerm.from_fields, most=MOST_TERMS),
            n_images=fields.integer("n_images", low=1, high=10**9),
            gain=fields.record("gain", Estimate.from_fields),
            note=fields.text("note", longest=500),
            lone=fields.record("lone", Fusion.from_fields) if fields.has("lone") else None,
        )


def log_odds(logits: NDArray[np.floating[Any]], is_malignant: NDArray[np.bool_]) -> Floats:
    """Return the malignant log-odds (N,) of logits or log probabilities (N, K).

    Example:
        >>> log_odds(np.log([[0.5, 0.25, 0.25]]), np.array([False, True, True])).round(6).tolist()
        [0.0]
    """
    wide = logits.astype(np.float64)
    sides = (np.logaddexp.reduce(wide[:, side], axis=1) for side in (is_malignant, ~is_malignant))
    malignant, benign = sides
    return np.asarray(malignant - benign)


def plain(value: object) -> str:
    """Return a value as it is compared: text in lower case; empty for None and NaN.

    Example:
        >>> plain(" Lower Limb "), plain(float("nan")), plain(True)
        ('lower limb', '', 'true')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip().casefold()


def is_known(value: object) -> bool:
    """Return whether a value says anything.

    Example:
        >>> is_known("back"), is_known("Unknown"), is_known(None), is_known(0)
        (True, False, False, True)
    """
    return plain(value) not in UNKNOWN


def number_of(value: object) -> float:
    """Return a value as a number, NaN for what is unknown or none.

    Example:
        >>> number_of("55"), number_of("unknown")
        (55.0, nan)
    """
    text = plain(value)
    try:
        number = float({"true": "1", "false": "0"}.get(text, text))
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
