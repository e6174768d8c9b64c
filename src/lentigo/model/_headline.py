"""The headline of a model, by one rule for page, report and card, from figures alone.

- All three answers: what is referred, what is called benign-looking, what cannot be assessed.
- On sources that were left out of training where a run has several, the one with the lowest sensitivity first; else on
  its own test, with the words that no other source was tried.
- A share of so many of 100 needs an interval: where there is none (four malignant images, all of one patient), the
  images are counted instead.
- The worst source is named. "Worst" rests on the far end of its interval: where that reaches the figure of the whole
  test, the source is only the lowest. Sources with too few malignant images are not ranked.
- Melanoma stands beside malignant: its sensitivity, and how many are called benign-looking.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

from lentigo.model._measured_figures import ANSWERS, Kind, MeasuredFigures
from lentigo.model.decision import Estimate
from lentigo.wording import counted, of_hundred_text

# As evaluate.min_group_cases: 9 malignant images of one source (interval 5 to 97 of 100) had been called the worst.
LEAST_CASES: Final = 10
LEAST_MELANOMAS: Final = 20  # as evaluate.min_group: melanoma is a subgroup, and its row says nothing of fewer


@dataclass(frozen=True, slots=True)
class ModelHeadline:
    """The headline of a model.

    Args:
        answers: the three answers of 100 malignant and 100 benign lesions.
        where: on which images, and whether any other source was tried.
        worst: the source with the lowest sensitivity; empty with one source.
        melanoma: the same of melanomas; that it is unknown where it is.

    Example:
        >>> found = Estimate(0.93, 0.9, 0.95, n=400), Estimate(0.64, 0.62, 0.67, n=900)
        >>> ModelHeadline.of(MeasuredFigures("", 1300, None, *found)).answers
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
        own: MeasuredFigures,
        sources: tuple[MeasuredFigures, ...] = (),
        left_out: tuple[MeasuredFigures, ...] = (),
        *,
        measured_on: str = "test",
        names_diagnoses: bool = True,
        by_photograph: bool = False,
    ) -> Self:
        """Return what is said of a model with these figures.

        Args:
            own: on its whole test.
            sources: on each source of its test.
            left_out: on each source that no network had learned from.
            measured_on: "test", or "validation" or "calibration" for images that the threshold was chosen on.
            names_diagnoses: whether melanoma can be told from other malignant lesions.
            by_photograph: whether lesions of the test have several photographs, each of which counts.
        """
        ranked = sorted((one for one in left_out if _is_known(one.found)), key=_lowest)
        first = ranked[0] if ranked else own
        images = f"{counted(first.n_images, 'image')}" if first.n_images else "images"
        if ranked:
            # the finished network was trained on all of them: these figures are of one trained without the source
            lowest = f", lowest of {len(ranked)}" if len(ranked) > 1 else ""
            where = "Estimate for a collection it has not learned from, by a network trained without it: "
            where += f"{first.name} ({images}){lowest}."
            others = "; ".join(map(_elsewhere, ranked[1:]))
            where += f" Of 100 malignant lesions of other such sources: {others}." if others else ""
        elif measured_on == "test":
            where = f"Measured on its own test ({images}); no other source was tried."
        else:
            chosen = "on which its threshold was chosen (too optimistic)"
            where = f"Measured on {measured_on} images {chosen}; no other source was tried."
        return cls(
            _answers(first, by_photograph=by_photograph, measured_on=measured_on),
            where,
            _worst(sources, own.found) if not ranked else "",
            _melanoma(own, names_diagnoses=names_diagnoses, is_elsewhere=bool(ranked), by_photograph=by_photograph),
        )


def _is_known(figure: Estimate | None) -> bool:
    return figure is not None and figure.is_defined


def _lowest(one: MeasuredFigures) -> float:
    return 1.0 if one.found is None or not one.found.is_defined else one.found.value


def _of_100(figure: Estimate | None, *, is_rest: bool = False) -> str:
    """Return a share as so many of 100 with its interval: "93 (90 to 95)"; "n/a" where unknown."""
    if figure is None or not figure.is_defined:
        return "n/a"
    if is_rest:
        figure = Estimate(1 - figure.value, 1 - figure.high, 1 - figure.low, figure.n)
    text = _whole(figure.value)
    return f"{text} ({of_hundred_text(figure.low)} to {of_hundred_text(figure.high)})" if figure.has_interval else text


def _elsewhere(one: MeasuredFigures) -> str:
    """Return what a further source that was left out has of 100: a high sensitivity may cost all specificity."""
    alarms = f", and of 100 benign ones {_of_100(one.specificity, is_rest=True)}" if _is_known(one.specificity) else ""
    return f"{one.name} {_of_100(one.found)}{alarms}"


def _whole(share: float) -> str:
    nearest = round(100 * share)
    if nearest == 0 and share > 0:
        return "fewer than 1"
    return "more than 99" if nearest == 100 and share < 1 else str(nearest)


def _is_counted(figure: Estimate | None, least: int = LEAST_CASES) -> bool:
    """Return whether images are counted: their share has no interval, or they are too few to speak of a hundred."""
    if figure is None or not figure.is_defined or figure.n == 0:
        return False
    return not figure.has_interval or figure.n < least


def _told(figure: Estimate, *, is_counted: bool) -> str:
    return f"{round(figure.value * figure.n):,}" if is_counted and figure.is_defined else _of_100(figure)


def _three(kind: Kind, lesions: str, images: str, *, start: str) -> str:
    """Return the three answers to one kind of lesions: of 100, or of the images that there were."""
    refer, benign_looking, none = ANSWERS
    is_counted = _is_counted(kind[refer])
    whose = f"{start} the {kind[refer].n:,} {images}" if is_counted else f"{start} 100 {lesions}"
    shares = [_told(kind[answer], is_counted=is_counted) for answer in (refer, benign_looking, none)]
    few = " (too few to speak of 100)" if is_counted else ""
    return f"{whose} it refers {shares[0]}, calls {shares[1]} benign-looking and cannot assess {shares[2]}{few}"


def _adds_up(kind: Kind) -> bool:
    """Return whether the rounded numbers of the three answers are a hundred, or are counts, which are not rounded."""
    shares = [kind[answer] for answer in ANSWERS]
    return _is_counted(shares[0]) or sum(round(100 * share.value) for share in shares if share.is_defined) == 100


def _whose(figure: Estimate | None, lesions: str, images: str, *, is_rest: bool = False) -> tuple[str, str]:
    """Return of how many lesions or images, and how many of these."""
    if figure is not None and _is_counted(figure):
        n_reached = round((1 - figure.value if is_rest else figure.value) * figure.n)
        return f"the {figure.n:,} {images}", f"{n_reached:,} (too few to speak of 100)"
    return f"100 {lesions}", _of_100(figure, is_rest=is_rest)


def _answers(one: MeasuredFigures, *, by_photograph: bool = False, measured_on: str = "test") -> str:
    lesions = "malignant photographs" if by_photograph else "malignant lesions"
    if one.kinds and {"malignant", "benign"} <= set(one.kinds):
        malignant = _three(one.kinds["malignant"], lesions, "malignant images", start="Of")
        benign = _three(one.kinds["benign"], "benign ones", "benign images", start="of")
        is_uneven = any(not _adds_up(one.kinds[kind]) for kind in ("malignant", "benign"))
        return f"{malignant}; {benign}.{' Numbers of 100 are rounded.' * is_uneven}"
    these, found = _whose(one.sensitivity, lesions, "malignant images")
    those, alarms = _whose(one.specificity, "benign ones", "benign images", is_rest=True)
    said = f"Of {these} {found} reach its threshold, and of {those} {alarms}."
    if _is_known(one.cannot_assess):
        chosen = "calibration images" if measured_on == "calibration" else "validation images"
        whose = "" if one.name else f" ({chosen})"
        said += f" It gives no answer on {_of_100(one.cannot_assess)} of 100 photographs{whose}."
    return said


def _worst(sources: tuple[MeasuredFigures, ...], whole: Estimate | None) -> str:
    # an old bundle does not say of how many images a figure is (n is 0)
    few = [one.name for one in sources if _has_few(one.found)]
    known = [one for one in sources if _is_known(one.found) and one.name not in few]
    unranked = (
        f"Sources with too few malignant images to compare: {', '.join(few)}." if few and len(sources) > 1 else ""
    )
    if len(known) < 2:
        return unranked
    worst = min(known, key=_lowest)
    verb = "it refers" if worst.kinds else "above the threshold are"
    found = worst.found
    if found is not None and _is_counted(found):
        shown = f"{_told(found, is_counted=True)} of {counted(found.n, 'malignant image')} (too few to speak of 100)"
    else:
        shown = f"{_of_100(found)} of 100 malignant lesions"
    return f"{_title(found, whole)}: {worst.name}, where {verb} {shown}. {unranked}".rstrip()


def _has_few(figure: Estimate | None) -> bool:
    return figure is not None and figure.n < LEAST_CASES and not (figure.is_defined and figure.n == 0)


def _title(found: Estimate | None, whole: Estimate | None) -> str:
    """Return what a source with the lowest figure is: the worst only if its interval ends below the whole test."""
    is_worse = found is None or whole is None or not found.has_interval or found.high < whole.value
    return "Worst source" if is_worse else "Lowest sensitivity of a source (not shown to be lower than the others)"


def _melanoma(
    own: MeasuredFigures, *, names_diagnoses: bool, is_elsewhere: bool = False, by_photograph: bool = False
) -> str:
    kind = (own.kinds or {}).get("melanoma")
    if kind is not None:
        is_counted = _is_counted(kind["refer"], LEAST_MELANOMAS)
        many = "100 photographs of melanoma" if by_photograph else "100 melanomas"
        whose = f"the {counted(kind['refer'].n, 'image')} of melanoma" if is_counted else many
        start = f"Of {whose}{' of its own test' * is_elsewhere}"
        refers, calls = (_told(kind[answer], is_counted=is_counted) for answer in ANSWERS[:2])
        few = " (too few to speak of 100)" if is_counted else ""
        return f"{start} it refers {refers} and calls {calls} benign-looking{few}."
    return "How many melanomas are among those it misses is not recorded." if names_diagnoses else ""
