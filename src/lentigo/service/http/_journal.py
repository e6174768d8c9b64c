"""What is written down of answers: nothing, unless the audit log or the drift log is switched on.

The audit log holds, for each answer, time, id, the SHA-256 of the image file, decision, probabilities and the hash of
the model. An answer is given only when it stands in the log: one that nobody can account for is worse than none.
"""

import asyncio
import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lentigo.model import MODEL, Answer, Model, reason_keys
from lentigo.service.http._cases import AnsweredCase, LesionCase
from lentigo.service.http._errors import DriftOff, LogUnavailable
from lentigo.service.http._line_file import LineFile, now
from lentigo.service.http._settings import ServiceSettings
from lentigo.storage import sha256_of

if TYPE_CHECKING:
    from lentigo.service.http._drift_log import DriftLog


class Journal:
    """The logs that are switched on.

    Args:
        model: whose answers they are.
        settings: which logs, and where.

    Raises:
        ConfigError: a log cannot be written.
    """

    def __init__(self, model: Model, settings: ServiceSettings) -> None:
        self.model_sha256 = sha256_of(model.folder / MODEL)
        self.audit: LineFile | None = None
        self.drift = None if settings.drift_log is None else _drift_log(settings.drift_log, model)
        self._keys = reason_keys(model.record)
        if settings.audit_log is not None:
            self.audit = LineFile(settings.audit_log, most_bytes=settings.audit_log_bytes)

    async def keep(self, answered: Sequence[tuple[bytes, AnsweredCase]]) -> None:
        """Write some answers down, where that is wanted, each with the image file, of which only the hash is kept.

        Raises:
            LogUnavailable: they cannot be written.
        """
        await self._write(
            lambda: [self._line(hashlib.sha256(content).hexdigest(), case) for content, case in answered],
            lambda: [self._logged(case) for _, case in answered],
        )

    async def keep_lesion(self, images: Sequence[bytes], lesion: LesionCase) -> None:
        """Write the answer about a lesion down: once in the audit log, with the hashes of all its image files.

        In the drift log its photographs count as those of `keep` do, and the answer itself for outcomes.

        Raises:
            LogUnavailable: it cannot be written.
        """
        await self._write(
            lambda: [self._line([hashlib.sha256(content).hexdigest() for content in images], lesion.case)],
            lambda: [
                *(self._logged(case) for case in lesion.photographs),
                dataclasses.replace(self._logged(lesion.case), is_lesion=True),
            ],
        )

    async def _write(self, lines: Callable[[], list[dict[str, Any]]], entries: Callable[[], list[Any]]) -> None:
        """Write to the logs that are switched on; what is not wanted is not made.

        Raises:
            LogUnavailable: one cannot be written.
        """
        try:
            if self.audit is not None:
                await asyncio.to_thread(lambda log: log.append(lines()), self.audit)
            if self.drift is not None:
                logged = entries()
                await asyncio.to_thread(self.drift.write, logged)
                self.drift.count(logged)
        except OSError as error:
            raise LogUnavailable(f"the answer cannot be logged ({error.strerror}), so it is not returned.") from error

    def require_drift(self) -> "DriftLog":
        """Return the drift log.

        Raises:
            DriftOff: there is none.
        """
        if self.drift is None:
            raise DriftOff("this service keeps no drift log. Start it with --drift-log DIR.")
        return self.drift

    def close(self) -> None:
        """Close the files."""
        for log in (self.audit, self.drift):
            if log is not None:
                log.close()

    def _line(self, sha256: str | list[str], case: AnsweredCase) -> dict[str, Any]:
        answer = case.answer
        return {
            "time": now(),
            "answer_id": case.answer_id,
            "image_sha256": sha256,
            "decision": answer.decision,
            "reasons": [self._keys.get(reason, "other") for reason in answer.reasons],
            "error_code": answer.error_code or None,
            "malignant_probability": answer.malignant,
            "threshold": answer.threshold,
            "probabilities": answer.probabilities,
            "runtime": answer.runtime or None,
            "precision": answer.precision or None,
            "model_sha256": self.model_sha256,
        }

    def _logged(self, case: AnsweredCase) -> Any:
        from lentigo.service.http._drift_log import LoggedAnswer

        answer = case.answer
        reasons = tuple(self._keys.get(reason, "other") for reason in answer.reasons)
        score = None if answer.error else answer.score
        return LoggedAnswer(case.answer_id, now()[:10], answer.decision, score, reasons or _unreadable(answer))


def _drift_log(folder: Path, model: Model) -> "DriftLog":
    from lentigo.service.http._drift_log import DriftLog  # only where it is asked for

    return DriftLog(folder, model.record)


def _unreadable(answer: Answer) -> tuple[str, ...]:
    return ("unreadable",) if answer.error else ()
