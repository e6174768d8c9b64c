"""The headline of a model, by one rule for page, report and card, from figures alone.

- All three answers: what is referred, what is called benign-looking, what cannot be assessed.
- On sources that were left out of training where a run has several, the one with the lowest sensitivity first; else on
  its own test, with the words that no other source was tried.
- The worst source is named, and melanoma stands beside malignant: its sensitivity, and how many are called
  benign-looking.

A bundle keeps the figures under names ("malignant: refer", "malignant: refer, isic2017 (595 images)"), which
`metric_name` makes and `of_metrics` reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from lentigo.model.decision import Estimate

ANSWERS: Final = ("refer", "benign-looking", "cannot assess")
LEFT_OUT: Final = "left out"  # of training
_NAME: Final = re.compile(
    r"(malignant|benign|melanoma): (refer|benign-looking|cannot assess)(?:, (.*) \(([\d,]+) images(, left out)?\))?"
)
_OF_SOURCE: Final = re.compile(r"(sensitivity|specificity|cannot assess), (.*) \(([\d,]+) images(, left out)?\)")

Kind = dict[str, Estimate]  # by answer


def metric_name(kind: str, answer: str, source: str = "", n_images: int = 0, *, is_left_out: bool = False) -> str:
    """Return under which name a bundle keeps a share of answers.

    Args:
        kind: "malignant", "benign" or "melanoma"; empty for sensitivity, specificity or "cannot assess" of a source.
        answer: one of `ANSWERS`, or one of these figures.
        source: of the images; empty for all of the test.
        n_images: of the source.
        is_left_out: whether no network had learned from the source.

    Example:
        >>> metric_name("malignant", "refer", "isic2017", 595)
        'malignant: refer, isic2017 (595 images)'
    """
    start = f"{kind}: {answer}" if kind else answer
    where = f"{source[:80]} ({n_images:,} images{f', {LEFT_OUT}' if is_left_out else ''})"
    return f"{start}, {where}" if source else start


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known about a model on one set of images.

    Args:
        name: of the source; empty for the whole test.
        n_images: of it; 0 where unknown.
        kinds: by kind of image, the share of each answer; empty where only the figures below are known.
        sensitivity: malignant images at or above the threshold; None where unknown.
        specificity: benign images below it; None where unknown.
        cannot_assess: share of all images without an answer; None where unknown.

    Example:
        >>> Measured("isic2017", 595).name
        'isic2017'
    """

    name: str = ""
    n_images: int = 0
    kinds: Mapping[str, Kind] | None = None
    sensitivity: Estimate | None = None
    specificity: Estimate | None = None
    cannot_assess: Estimate | None = None

    @property
    def found(self) -> Estimate | None:
        """The share of malignant images that are referred, or at or above the threshold where only that is known."""
        return self.kinds["malignant"]["refer"] if self.kinds and "malignant" in self.kinds else self.sensitivity


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline of a model.

    Args:
        answers: the three answers of 100 malignant and 100 benign lesions.
        where: on which images, and whether any other source was tried.
        worst: the source with the lowest sensitivity; empty with one source.
        melanoma: the same of melanomas; that it is unknown where it is.

    Example:
        >>> found = Estimate(0.93, 0.9, 0.95, n=400), Estimate(0.64, 0.62, 0.67, n=900)
        >>> Headline.of(Measured("", 1300, None, *found)).answers
        'Of 100 malignant lesions 93 (90 to 95) reach its threshold, and of 100 benign ones 36 (33 to 38).'
    """

    answers: str
    where: str
    worst: str
    melanoma: str

    @property
    def text(self) -> str:
        """All sentences."""
        return " ".join(filter(None, (self.answers, self.melanoma, self.worst, self.where)))

    def json(self) -> dict[str, Any]:
        """Return the sentences as JSON types."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "text": self.text}

    @classmethod
    def of(
        cls,
        own: Measured,
        sources: tuple[Measured, ...] = (),
        left_out: tuple[Measured, ...] = (),
        *,
        measured_on: str = "test",
        names_diagnoses: bool = True,
    ) -> Self:
        """Return what is said of a model with these figures.

        Args:
            own: on its whole test.
            sources: on each source of its test.
            left_out: on each source that no network had learned from.
            measured_on: "test", or "validation" or "calibration" for images that the threshold was chosen on.
            names_diagnoses: whether melanoma can be told from other malignant lesions.
        """
        ranked = sorted((one for one in left_out if _is_known(one.found)), key=_lowest)
        first = ranked[0] if ranked else own
        images = f"{first.n_images:,} images" if first.n_images else "images"
        if ranked:
            lowest = f", lowest of {len(ranked)}" if len(ranked) > 1 else ""
            where = f"Measured in a collection it has not learned from: {first.name} ({images}){lowest}."
            others = [f"{one.name} {_of_100(one.found)}" for one in ranked[1:]]
            where += f" Of 100 malignant lesions of other such sources: {', '.join(others)}." if others else ""
        elif measured_on == "test":
            where = f"Measured on its own test ({images}); no other source was tried."
        else:
            chosen = "that its threshold was chosen on, which flatters"
            where = f"Measured on {measured_on} images {chosen}; no other source was tried."
        return cls(
            _answers(first),
            where,
            _worst(sources) if not ranked else "",
            _melanoma(own, names_diagnoses=names_diagnoses, is_elsewhere=bool(ranked)),
        )

    @classmethod
    def of_metrics(
        cls,
        metrics: Mapping[str, Estimate],
        reached: Mapping[str, Any],
        cannot_assess: Estimate | None,
        *,
        has_mel: bool,
    ) -> Self:
        """Return what is said of a bundle.

        Args:
            metrics: as `BundleRecord.metrics` keeps them.
            reached: as `BundleRecord.reached` returns it.
            cannot_assess: share of validation images without an answer; None where unknown.
            has_mel: whether melanoma is one of its classes.
        """
        kinds: dict[tuple[str, int, bool], dict[str, Kind]] = {}
        figures: dict[tuple[str, int, bool], dict[str, Estimate]] = {}
        for name, figure in metrics.items():
            if found := _NAME.fullmatch(name):
                kind, answer, source, n_images, is_left_out = found.groups()
                key = (source or "", _number(n_images), bool(is_left_out))
                kinds.setdefault(key, {}).setdefault(kind, {})[answer] = figure
            elif found := _OF_SOURCE.fullmatch(name):
                what, source, n_images, is_left_out = found.groups()
                figures.setdefault((source, _number(n_images), bool(is_left_out)), {})[what] = figure
        measured = [
            (key[2], _measured(key, kinds.get(key), figures.get(key, {}))) for key in {**kinds, **figures} if key[0]
        ]
        sensitivity, specificity = (Estimate.from_json(reached[name]) for name in ("sensitivity", "specificity"))
        n_own = sum(one.n_images for is_left_out, one in measured if not is_left_out)
        return cls.of(
            Measured("", n_own, kinds.get(("", 0, False)), sensitivity, specificity, cannot_assess),
            tuple(one for is_left_out, one in measured if not is_left_out),
            tuple(one for is_left_out, one in measured if is_left_out),
            measured_on=str(reached["measured_on"]),
            names_diagnoses=has_mel,
        )


def _measured(key: tuple[str, int, bool], kinds: dict[str, Kind] | None, figures: dict[str, Estimate]) -> Measured:
    sensitivity, specificity, cannot_assess = (
        figures.get(what) for what in ("sensitivity", "specificity", "cannot assess")
    )
    return Measured(key[0], key[1], kinds, sensitivity, specificity, cannot_assess)


def _number(text: str | None) -> int:
    return int((text or "0").replace(",", ""))


def _is_known(figure: Estimate | None) -> bool:
    return figure is not None and figure.is_defined


def _lowest(one: Measured) -> float:
    return 1.0 if one.found is None or not one.found.is_defined else one.found.value


def _of_100(figure: Estimate | None, *, is_rest: bool = False) -> str:
    """Return a share as so many of 100 with its interval: "93 (90 to 95)"; "n/a" where unknown."""
    if figure is None or not figure.is_defined:
        return "n/a"
    if is_rest:
        figure = Estimate(1 - figure.value, 1 - figure.high, 1 - figure.low, figure.n)
    text = _whole(figure.value)
    return f"{text} ({100 * figure.low:.0f} to {100 * figure.high:.0f})" if figure.has_interval else text


def _whole(share: float) -> str:
    nearest = round(100 * share)
    if nearest == 0 and share > 0:
        return "fewer than 1"
    return "more than 99" if nearest == 100 and share < 1 else str(nearest)


def _answers(one: Measured) -> str:
    if one.kinds and {"malignant", "benign"} <= set(one.kinds):
        malignant, benign = one.kinds["malignant"], one.kinds["benign"]
        refer, benign_looking, none = ANSWERS
        return (
            f"Of 100 malignant lesions it refers {_of_100(malignant[refer])}, calls "
            f"{_of_100(malignant[benign_looking])} benign-looking and cannot assess {_of_100(malignant[none])}; of 100 "
            f"benign ones it refers {_of_100(benign[refer])}, calls {_of_100(benign[benign_looking])} benign-looking "
            f"and cannot assess {_of_100(benign[none])}."
        )
    said = (
        f"Of 100 malignant lesions {_of_100(one.sensitivity)} reach its threshold, and of 100 benign ones "
        f"{_of_100(one.specificity, is_rest=True)}."
    )
    if _is_known(one.cannot_assess):
        whose = "" if one.name else " (validation images)"
        said += f" It gives no answer on {_of_100(one.cannot_assess)} of 100 photographs{whose}."
    return said


def _worst(sources: tuple[Measured, ...]) -> str:
    known = [one for one in sources if _is_known(one.found)]
    if len(known) < 2:
        return ""
    worst = min(known, key=_lowest)
    verb = "it refers" if worst.kinds else "above the threshold are"
    return f"Worst source: {worst.name}, where {verb} {_of_100(worst.found)} of 100 malignant lesions."


def _melanoma(own: Measured, *, names_diagnoses: bool, is_elsewhere: bool = False) -> str:
    kind = (own.kinds or {}).get("melanoma")
    if kind is not None:
        start = "Of 100 melanomas of its own test" if is_elsewhere else "Of 100 melanomas"
        return f"{start} it refers {_of_100(kind['refer'])} and calls {_of_100(kind['benign-looking'])} benign-looking."
    return "How many melanomas are among those it misses is not recorded." if names_diagnoses else ""
