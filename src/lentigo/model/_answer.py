"""What a model says about one image, and the one way in which runs and bundles are asked about many."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from lentigo.errors import ImageError
from lentigo.images import stream_images
from lentigo.notebook import table_html
from lentigo.progress import Track, silent
from lentigo.taxonomy import BENIGN, MALIGNANT

T = TypeVar("T")
A = TypeVar("A")
Source = Path | bytes

REFER: Final = "refer"
BENIGN_LOOKING: Final = "benign-looking"
CANNOT_ASSESS: Final = "cannot assess"
LOW_CONFIDENCE: Final = "too close to the threshold to call"
FINEST: Final = 0.01  # probabilities are shown to people no finer than this


@dataclass(frozen=True, slots=True)
class Answer:
    """The prediction of a model for one image.

    Args:
        image: the id, or the path as it was given.
        probabilities: calibrated, one per class, summing to one; empty when the image cannot be read.
        malignant: their sum over the malignant classes, in 0..1; NaN when the image cannot be read.
        decision: `refer` at or above the threshold, `benign-looking` below it, `cannot assess` where there are reasons
            not to believe either, or no answer at all.
        error: why there is no answer; empty when there is one.
        reasons: why it cannot be assessed although it could be read.
        threshold: on the malignant probability; NaN without an answer.
        oddness: the out-of-distribution score; NaN where the model has none.
        error_code: the error for programs, as in `ImageError`; empty when there is none.
        score: the malignant probability at the prevalence of validation, whatever prevalence was given; NaN without
            an answer.
        malignant_classes: whose probabilities `malignant` sums; empty where it is not known.
        diagnosis: the class that the rule of the model for classes predicts; empty where it has none.
        diagnosis_rule: that rule, in words.
        runtime: what computed the network; empty without an answer, or if unknown.
        precision: in which: float32 also for an answer that bfloat16 left to it.
        contributions: what each column (age, sex, ...) added to the malignant log-odds; empty for the image alone.

    Example:
        >>> print(Answer("a.jpg", {"NV": 0.9, "MEL": 0.1}, 0.1, "refer", threshold=0.05).sentence())
        a.jpg: refer, malignant 10.0% (NV 90.0%, MEL 10.0%), threshold 5.0%
    """

    image: str
    probabilities: dict[str, float]
    malignant: float
    decision: str
    error: str = ""
    reasons: tuple[str, ...] = ()
    threshold: float = math.nan
    oddness: float = math.nan
    error_code: str = ""
    score: float = math.nan
    malignant_classes: tuple[str, ...] = field(default=(), compare=False)
    diagnosis: str = ""
    diagnosis_rule: str = ""
    runtime: str = field(default="", compare=False)
    precision: str = field(default="", compare=False)
    contributions: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Answer: {self.sentence()}"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the decision, why, and the probabilities where they are worth showing."""
        rows: dict[str, object] = {"image": self.image, "decision": self.decision}
        why = self.error or "; ".join(self.reasons)
        rows |= {"why": why} if why else {}
        if self.is_assessable:
            malignant, threshold = self._malignant_and_threshold()
            rows |= {"malignant": malignant, "threshold": threshold or "n/a", **dict(self.class_texts)}
            rows |= {f"class ({self.diagnosis_rule})": self.diagnosis} if self.diagnosis else {}
            rows |= {"logits by column": self.added} if self.contributions else {}
        return table_html("Answer", rows)

    @property
    def is_assessable(self) -> bool:
        """Whether the photograph itself is not at fault; the answer may still be too close to the threshold to call.

        Example:
            >>> Answer("a.jpg", {}, 0.1, "cannot assess", reasons=("out of focus",)).is_assessable
            False
        """
        return not self.error and set(self.reasons) <= {LOW_CONFIDENCE}

    @property
    def differential(self) -> tuple[tuple[str, float], ...]:
        """The diagnoses and their probabilities, the most probable first."""
        return tuple(sorted(self.probabilities.items(), key=lambda item: -item[1]))

    @property
    def added(self) -> str:
        """What each column added to the malignant log-odds, in words; empty for the image alone.

        Example:
            >>> Answer("a.jpg", {}, 0.1, "refer", contributions={"age": 0.41, "sex": -0.1}).added
            'age +0.4, sex -0.1'
        """
        return ", ".join(f"{name} {value + 0.0:+.1f}" for name, value in self.contributions.items())

    @property
    def malignant_text(self) -> str:
        """The malignant probability in per cent, on its side of the threshold, no finer than a sample tells.

        Example:
            >>> [Answer("a.jpg", {}, p, "refer", threshold=0.1).malignant_text for p in (0.0996, 0.223, 0.0004)]
            ['9.96%', '22.3%', 'below 1%']
        """
        return self._malignant_and_threshold()[0]

    @property
    def class_texts(self) -> tuple[tuple[str, str], ...]:
        """The diagnoses and their probabilities in per cent, the most probable first.

        Example:
            >>> Answer("a.jpg", {"NV": 0.996, "MEL": 0.004}, 0.004, "refer").class_texts
            (('NV', 'above 99%'), ('MEL', 'below 1%'))
        """
        return tuple((name, _share(chance)) for name, chance in self.differential)

    def sentence(self) -> str:
        """Return the answer as one line for a person.

        Where the photograph itself is at fault it holds no probability; where that is only too close to the threshold,
        both are shown.
        """
        if self.error:
            return f"{self.image}: {CANNOT_ASSESS}: {self.error}"
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{self.image}: {self.decision}{why}{self._figures() if self.is_assessable else ''}"

    def _malignant_and_threshold(self) -> tuple[str, str]:
        """Return the malignant probability and the threshold as text; no threshold is empty."""
        # No finer than the sample allows: 0.08 % after some hundred malignant images is a digit nobody has measured.
        least = FINEST if math.isnan(self.threshold) else min(FINEST, self.threshold / 2)
        malignant, threshold = f"{self.malignant:.1%}", ""
        if not math.isnan(self.threshold):
            # As many digits as tell the two apart, or a referral at 9.94 % above 9.91 % reads as one at the threshold.
            pairs = [(f"{self.malignant:.{n}%}", f"{self.threshold:.{n}%}") for n in (1, 2, 3)]
            malignant, threshold = next((pair for pair in pairs if pair[0] != pair[1]), pairs[0])
        if self.malignant < least:
            malignant = f"below {100 * least:.1g}%"
        elif self.malignant > 1 - FINEST:
            malignant = f"above {1 - FINEST:.0%}"
        return malignant, threshold

    def _figures(self) -> str:
        malignant, threshold = self._malignant_and_threshold()
        end = f", threshold {threshold}" if threshold else ""
        called = f"; class {self.diagnosis} ({self.diagnosis_rule})" if self.diagnosis else ""
        added = f"; logits by column: {self.added}" if self.contributions else ""
        # of two sides the one says the other
        classes = "" if set(self.probabilities) == {BENIGN, MALIGNANT} else f" ({self._classes()})"
        return f", malignant {malignant}{classes}{end}{called}{added}"

    def _classes(self) -> str:
        """Return the classes, the malignant ones together first where the decision rests on several of them."""
        parts = self.class_texts
        together = [f"{name} {shown}" for name, shown in parts if name in self.malignant_classes]
        if len(together) < 2:
            return ", ".join(f"{name} {shown}" for name, shown in parts[:3])
        others = [f"{name} {shown}" for name, shown in parts if name not in self.malignant_classes]
        return f"{', '.join(together)}; benign: {', '.join(others[:2])}"

    def json(self) -> dict[str, Any]:
        """Return the answer as plain values."""
        return {
            "image": self.image,
            "decision": self.decision,
            "reasons": list(self.reasons),
            "malignant_probability": self.malignant,
            "threshold": self.threshold,
            "probabilities": dict(self.differential),
            **({"diagnosis": self.diagnosis, "diagnosis_rule": self.diagnosis_rule} if self.diagnosis else {}),
            **({"contributions": dict(self.contributions)} if self.contributions else {}),
            "out_of_distribution_score": self.oddness,
            "error": self.error or None,
            "error_code": self.error_code or None,
            "runtime": self.runtime or None,
            "precision": self.precision or None,
        }


def _share(chance: float) -> str:
    return "below 1%" if chance < FINEST else "above 99%" if chance > 1 - FINEST else f"{chance:.1%}"


def unreadable(name: str, error: ImageError) -> Answer:
    """Return the answer about an image that cannot be read."""
    return Answer(name, {}, math.nan, CANNOT_ASSESS, str(error), error_code=error.code)


def answer_batches(
    sources: Sequence[Source],
    names: Sequence[str] | None,
    decode: Callable[[Source], T],
    judge: Callable[[list[T], list[int]], Sequence[A]],
    *,
    batch_size: int,
    threads: int | None = None,
    track: Track = silent,
) -> Iterator[A | Answer]:
    """Yield one answer per image, in order, in memory that does not grow with their number.

    Args:
        sources: paths, or the bytes of files.
        names: what to call them in the answers; the paths when left out.
        decode: makes of one image what `judge` needs; called from threads, ahead of time.
        judge: answers for one batch of decoded images, given their places among the sources.
        batch_size: how many images go through the network at once.
        threads: that decode; one a core of the machine when left out.
        track: draws progress.

    Example:
        >>> judge = lambda seen, places: [Answer(f"image {place}", {}, 0, "refer") for place in places]
        >>> said = answer_batches([photo], None, lambda source: 1, judge, batch_size=1)
        >>> [answer.decision for answer in said]
        ['refer']
    """
    labels = list(names) if names is not None else [name_of_source(source, i) for i, source in enumerate(sources)]
    places = iter(range(len(labels)))
    batches = stream_images(sources, decode, batch_size=batch_size, threads=threads)
    for outcomes in track(batches, "Predicting", len(sources), unit=batch_size):
        pairs = [(outcome, next(places)) for outcome in outcomes]
        readable = [(seen, place) for seen, place in pairs if not isinstance(seen, ImageError)]
        answers = iter(judge([seen for seen, _ in readable], [place for _, place in readable]) if readable else ())
        for seen, place in pairs:
            yield unreadable(labels[place], seen) if isinstance(seen, ImageError) else next(answers)


def name_of_source(source: Source, place: int) -> str:
    return f"image {place + 1}" if isinstance(source, bytes) else str(source)
