"""The drift log: scores, decisions and reasons of answers, and what became of them; no photograph, name or hash of one.

Two files in its folder, both JSON lines: `answers.jsonl` and `outcomes.jsonl`. Figures are of the last `WINDOW` answers
and outcomes, so that a change shows, and are restored from the files at the start.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lentigo.errors import ConfigError
from lentigo.model import BENIGN_LOOKING, CANNOT_ASSESS, REFER, BundleRecord, reason_keys
from lentigo.model.decision import Estimate
from lentigo.service.http._drift import describe_shift, share
from lentigo.service.http._line_file import LineFile, now

WINDOW: Final = 1000
MOST_REMEMBERED: Final = 100_000  # answers that outcomes can still be reported for; 20 MB
DAYS: Final = 90
FILE_BYTES: Final = 64 << 20
NONE_AT_EXPORT: Final = "This bundle contains no such results on its validation images, so outcomes cannot be compared."


@dataclass(frozen=True, slots=True)
class LoggedAnswer:
    """What is kept of an answer.

    Args:
        answer_id: as in the answer.
        day: it was given on.
        decision: refer, benign-looking or cannot assess.
        score: malignant probability at the prevalence of validation; None where the photograph was not decoded.
        reasons: short names of why it cannot be assessed.
        is_lesion: whether it joins several photographs, which are kept beside it: it counts for outcomes alone.
    """

    answer_id: str
    day: str
    decision: str
    score: float | None
    reasons: tuple[str, ...] = ()
    is_lesion: bool = False


class DriftLog:
    """Remembers answers and outcomes, and compares them with validation.

    Args:
        folder: for the files; made when missing.
        record: of the bundle.

    Raises:
        ConfigError: the folder cannot be written.

    Example:
        >>> drift = DriftLog(folder, open_model(bundle_folder).record)
        >>> drift.keep([LoggedAnswer("a" * 32, "2026-11-24", "refer", 0.9)])
        >>> drift.note_outcomes([("a" * 32, True)])
        1
        >>> drift.describe()["outcomes"]["sensitivity"]["value"]
        1.0
    """

    def __init__(self, folder: Path, record: BundleRecord) -> None:
        self.record = record
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{folder} cannot be made: {error.strerror}. Choose another place.") from error
        self._answers = LineFile(folder / "answers.jsonl", most_bytes=FILE_BYTES)
        self._outcomes = LineFile(folder / "outcomes.jsonl", most_bytes=FILE_BYTES)
        self.window: deque[LoggedAnswer] = deque(maxlen=WINDOW)
        self.remembered: OrderedDict[str, LoggedAnswer] = OrderedDict()
        self.days: OrderedDict[str, Counter[str]] = OrderedDict()
        self.outcomes: OrderedDict[str, tuple[str, bool]] = OrderedDict()
        for line in self._answers.read():
            if (logged := _logged(line)) is not None:
                self._remember(logged)
        for line in self._outcomes.read():
            self._count_outcome(str(line.get("answer_id")), bool(line.get("malignant")))

    def keep(self, entries: Sequence[LoggedAnswer]) -> None:
        """Write some answers down and count them."""
        self.write(entries)
        self.count(entries)

    def write(self, entries: Sequence[LoggedAnswer]) -> None:
        """Write some answers down; any thread may do it.

        Raises:
            OSError: they cannot be written.
        """
        time = now()
        self._answers.append(
            [
                {
                    "time": time,
                    "answer_id": entry.answer_id,
                    "decision": entry.decision,
                    "score": entry.score,
                    "reasons": entry.reasons,
                    **({"is_lesion": True} if entry.is_lesion else {}),
                }
                for entry in entries
            ]
        )

    def count(self, entries: Sequence[LoggedAnswer]) -> None:
        """Count some answers that are written down."""
        for entry in entries:
            self._remember(entry)

    def note_outcomes(self, outcomes: Sequence[tuple[str, bool]]) -> int:
        """Write down what became of answers; a later outcome of one answer takes the place of the earlier.

        Args:
            outcomes: answer id, and whether the lesion was malignant.

        Returns:
            How many of the answers are known.
        """
        known = [(name, malignant) for name, malignant in outcomes if name in self.remembered]
        time = now()
        self._outcomes.append([{"time": time, "answer_id": name, "malignant": malignant} for name, malignant in known])
        for name, malignant in known:
            self._count_outcome(name, malignant)
        return len(known)

    def describe(self) -> dict[str, Any]:
        """Return all figures as JSON types; docs/serving.md says what they mean."""
        window = list(self.window)
        scores = [entry.score for entry in window if entry.score is not None]
        return {
            "window": {
                "n": len(window),
                "most": WINDOW,
                "first_day": window[0].day if window else None,
                "last_day": window[-1].day if window else None,
            },
            "scores": describe_shift(self.record.scores, scores),
            "rates": self._rates(window),
            "outcomes": self._describe_outcomes(),
            "days": [{"day": day, **{key: counts[key] for key in _DAILY}} for day, counts in self.days.items()],
        }

    def close(self) -> None:
        """Close the files."""
        self._answers.close()
        self._outcomes.close()

    def _remember(self, entry: LoggedAnswer) -> None:
        self.remembered[entry.answer_id] = entry
        if len(self.remembered) > MOST_REMEMBERED:
            self.remembered.popitem(last=False)
        if entry.is_lesion:  # scores and shares at export are those of photographs, which are logged, too
            return
        self.window.append(entry)
        counts = self.days.setdefault(entry.day, Counter())
        counts.update(["answers", entry.decision])
        if len(self.days) > DAYS:
            self.days.popitem(last=False)

    def _count_outcome(self, answer_id: str, malignant: bool) -> None:  # noqa: FBT001
        if answer_id in self.remembered:
            self.outcomes[answer_id] = (self.remembered[answer_id].decision, malignant)
            self.outcomes.move_to_end(answer_id)
            if len(self.outcomes) > WINDOW:
                self.outcomes.popitem(last=False)

    def _rates(self, window: Sequence[LoggedAnswer]) -> list[dict[str, Any]]:
        decided = Counter(entry.decision for entry in window)
        stopped = Counter(reason for entry in window for reason in entry.reasons)
        at_export = {} if self.record.scores is None else self.record.scores.decisions
        rows = [
            {"kind": "decision", "name": name, "words": name, "expected": at_export.get(name),
             **share(decided[name], len(window))}
            for name in (REFER, BENIGN_LOOKING, CANNOT_ASSESS)
        ]  # fmt: skip
        expected = _expected_reasons(self.record)
        return rows + [
            {"kind": "reason", "name": key, "words": words, "expected": expected.get(key),
             **share(stopped[key], len(window))}
            for words, key in {**reason_keys(self.record), "not decoded": "unreadable"}.items()
        ]  # fmt: skip

    def _describe_outcomes(self) -> dict[str, Any]:
        pairs = list(self.outcomes.values())
        assessed = [(decision, malignant) for decision, malignant in pairs if decision != CANNOT_ASSESS]
        malignant = [decision for decision, is_malignant in assessed if is_malignant]
        benign = [decision for decision, is_malignant in assessed if not is_malignant]
        at_export = _right_at_export(self.record)
        is_known = any(figure["value"] is not None for figure in at_export.values())
        return {
            "n": len(pairs),
            "most": WINDOW,
            "not_assessed": len(pairs) - len(assessed),
            "sensitivity": {**share(malignant.count(REFER), len(malignant)), "at_export": at_export["sensitivity"]},
            "specificity": {**share(benign.count(BENIGN_LOOKING), len(benign)), "at_export": at_export["specificity"]},
            "note": (
                "Only lesions whose outcome was reported count. Where benign-looking lesions are seldom followed up, "
                "the sensitivity looks better and the specificity worse than they are."
                + ("" if is_known else f" {NONE_AT_EXPORT}")
            ),
        }


_UNKNOWN: Final = Estimate.undefined("not recorded in the bundle")
_DAILY: Final = ("answers", REFER, BENIGN_LOOKING, CANNOT_ASSESS)


def _right_at_export(record: BundleRecord) -> dict[str, dict[str, Any]]:
    """Return sensitivity and specificity among validation evaluated images; those of all images are others.

    A bundle of before these were kept has none: the images that it cannot assess are those it errs most on.
    """
    scores = record.scores
    figures = {} if scores is None else {"sensitivity": scores.sensitivity, "specificity": scores.specificity}
    return {name: (figures.get(name) or _UNKNOWN).json() for name in ("sensitivity", "specificity")}


def _expected_reasons(record: BundleRecord) -> dict[str, float]:
    expected = dict(record.gate.rates)
    if record.oddness is not None:
        expected["odd"] = record.oddness.expected_rate
    if record.decision.low_confidence is not None:
        expected["low_confidence"] = record.decision.low_confidence.expected_share
    return expected


def _logged(line: dict[str, Any]) -> LoggedAnswer | None:
    """Return what a line says; None for a line that somebody changed."""
    score, reasons = line.get("score"), line.get("reasons")
    is_ours = (
        isinstance(line.get("answer_id"), str)
        and isinstance(line.get("time"), str)
        and line.get("decision") in {REFER, BENIGN_LOOKING, CANNOT_ASSESS}
        and (score is None or (isinstance(score, float | int) and 0 <= score <= 1))
        and isinstance(reasons, list)
    )
    if not is_ours:
        return None
    return LoggedAnswer(
        line["answer_id"],
        line["time"][:10],
        line["decision"],
        score,
        tuple(map(str, reasons or ())),
        line.get("is_lesion") is True,
    )
