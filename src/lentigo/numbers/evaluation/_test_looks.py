"""How often the test images of a run were looked at: one line a look in `looks.jsonl`, never fewer than before.

A test set tells what it promises once: whoever looks, changes something and looks again is choosing on it. So every
stage that shows figures of the test writes a line, and so does a calibration that comes after one. What the file cannot
know is said: looks at another copy of the run, looks before there was this file, and looks that could not be written.
"""

import datetime as dt
import hashlib
import json
import logging
import os
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

logger = logging.getLogger(__name__)

SCHEMA_VERSION: Final = 1
FILE: Final = "looks.jsonl"
AFTER: Final = "calibrate"  # no look itself: a choice made after one
UNCOUNTED: Final = "A predictions file keeps no count of how often its images were looked at."


def name_of_images(image_ids: Iterable[str]) -> str:
    """Return a short name of a set of images, whatever their order.

    Example:
        >>> name_of_images(["b", "a"]) == name_of_images(["a", "b"])
        True
    """
    return hashlib.sha256("\n".join(sorted(image_ids)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class LookAtTest:
    """One look at the test images of a run, or a choice made after one.

    Args:
        when: ISO 8601, UTC.
        verb: "train", "evaluate", "stress", "compare", or "calibrate" for thresholds chosen again after a look.
        what: the figures that were shown.
        images: name of the set of test images.
        place: name of the folder and machine it was noted in.
        is_earlier: whether it was at a run that stood here before and was replaced.

    Example:
        >>> LookAtTest("2026-11-29T12:00:00+00:00", "evaluate", "every figure", "ab", "cd").day
        '2026-11-29'
    """

    when: str
    verb: str
    what: str
    images: str
    place: str
    is_earlier: bool = False

    @property
    def day(self) -> str:
        """The date."""
        return self.when[:10]

    def line(self) -> str:
        """Return the look as a line of JSON, newline included."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps({"schema_version": SCHEMA_VERSION, **fields}) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Return the look in a line.

        Raises:
            ValueError: it is none.
        """
        try:
            fields = dict(json.loads(line))
            if fields.pop("schema_version") != SCHEMA_VERSION:
                raise ValueError("another schema version")
            return cls(**fields)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no look: {error!r}") from error


@dataclass(frozen=True, slots=True)
class LooksAtTest:
    """The looks at the test images of one run, and what is not known of them.

    Args:
        looks: at these test images, the first one first.
        is_begun_late: whether the run was evaluated before there was a record.
        is_elsewhere: whether some were noted in another folder or on another machine: the run is a copy or was moved.
        is_lost: whether a look could not be written, or a line cannot be read.

    Example:
        >>> LooksAtTest((LookAtTest("2026-11-29T12:00:00+00:00", "train", "every figure", "ab", "cd"),)).sentence()
        'The test images were looked at once (train, 2026-11-29).'
    """

    looks: tuple[LookAtTest, ...] = ()
    is_begun_late: bool = False
    is_elsewhere: bool = False
    is_lost: bool = False

    @classmethod
    def read(cls, folder: Path, images: str, *, was_evaluated: bool) -> Self:
        """Return the looks at a set of test images that a run folder holds.

        Args:
            folder: of the run.
            images: name of its test images.
            was_evaluated: whether it has figures of its test.
        """
        try:
            lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        except (OSError, UnicodeDecodeError):
            return cls(is_begun_late=was_evaluated, is_lost=True)
        looks, is_lost = [], False
        for line in lines:
            try:
                looks.append(LookAtTest.from_line(line))
            except ValueError:
                is_lost = True
        is_lost = is_lost or not os.access(folder, os.W_OK)
        here = _name_of_place(folder)
        of_these = tuple(look for look in looks if look.images == images)
        is_begun_late = was_evaluated and not any(look.verb != AFTER for look in of_these)
        return cls(of_these, is_begun_late, any(look.place != here for look in of_these), is_lost)

    @property
    def n(self) -> int:
        """How many looks are known of."""
        return sum(look.verb != AFTER for look in self.looks)

    @property
    def is_known(self) -> bool:
        """Whether nothing speaks for looks that are not counted."""
        return not (self.is_begun_late or self.is_elsewhere or self.is_lost)

    @property
    def is_chosen_after(self) -> bool:
        """Whether thresholds were chosen again when figures of the test had been seen."""
        return any(look.verb == AFTER and self._is_seen_before(place) for place, look in enumerate(self.looks))

    @property
    def chosen(self) -> str:
        """When the thresholds were chosen; where looks are not counted, nobody knows whether the test was seen."""
        if self.is_chosen_after:
            return "again after the test had been seen"
        if any(look.is_earlier for look in self.looks):
            return "after an earlier run in this folder had shown its test"
        return "before the test was seen" if self.is_known else "whether before the test was seen is not known"

    @property
    def short(self) -> str:
        """How often: "looked at once", "looked at at least 3 times"."""
        n = max(self.n, 1) if self.is_begun_late else self.n
        if n == 0:
            return "not looked at yet"
        times = {1: "once", 2: "twice"}.get(n, f"{n} times")
        return f"looked at {times}" if self.is_known else f"looked at {times} or more"

    def sentence(self) -> str:
        """Return how often the test images were looked at, by what, until when, and what is not known."""
        by = Counter(look.verb for look in self.looks if look.verb != AFTER)
        shown = [f"{verb} {n}" if len(by) > 1 or n > 1 else verb for verb, n in by.items()]
        days = [look.day for look in self.looks if look.verb != AFTER]
        details = f" ({', '.join(shown)}, {days[0]}{f' to {days[-1]}' if days[-1] != days[0] else ''})" if days else ""
        return " ".join([f"The test images were {self.short}{details}.", *self._caveats()])

    def _caveats(self) -> Iterable[str]:
        chosen = [look for place, look in enumerate(self.looks) if look.verb == AFTER and self._is_seen_before(place)]
        if chosen:
            yield f"Thresholds were chosen again later ({chosen[-1].day}), when the results were known."
        if any(look.is_earlier for look in self.looks):
            yield "Looks at earlier runs in this folder are counted."
        if self.is_begun_late:
            yield "Looks before this record began are not known."
        if self.is_elsewhere:
            yield "This run was copied or moved: looks at another copy are not counted."
        if self.is_lost:
            yield "Some looks could not be written or read."

    def _is_seen_before(self, place: int) -> bool:
        return self.is_begun_late or any(look.verb != AFTER for look in self.looks[:place])

    def json(self) -> dict[str, Any]:
        """Return the looks as JSON types."""
        return {
            "n": self.n,
            "is_known": self.is_known,
            "sentence": self.sentence(),
            "looks": [{"when": look.when, "verb": look.verb, "what": look.what} for look in self.looks],
        }


def note(folder: Path, verb: str, what: str, images: str) -> bool:
    """Return whether a look at the test images of a run could be written down.

    Args:
        folder: of the run.
        verb: that shows them.
        what: the figures that it shows.
        images: name of the test images.
    """
    when = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    line = LookAtTest(when, verb, what, images, _name_of_place(folder)).line()
    try:
        # one write at the end of the file: two processes may look at once
        with (folder / FILE).open("ab", buffering=0) as stream:
            stream.write(line.encode())
            os.fsync(stream.fileno())
    except OSError as error:
        logger.warning(
            "%s cannot be written (%s): this look at its test images is not counted.", folder, error.strerror or error
        )
        return False
    return True


def carried_over(folder: Path) -> str:
    """Return the looks of a run that is about to be replaced, as lines for the new one; empty where there are none."""
    try:
        lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ""
    kept = []
    for line in lines:
        try:
            look = LookAtTest.from_line(line)
        except ValueError:
            continue
        kept.append(LookAtTest(look.when, look.verb, look.what, look.images, look.place, is_earlier=True).line())
    return "".join(kept)


def _name_of_place(folder: Path) -> str:
    """Return a name that changes when a run is copied or moved, and tells nobody where it lies."""
    place = folder.resolve()
    return hashlib.sha256(f"{platform.node()}\n{place}".encode()).hexdigest()[:16]
