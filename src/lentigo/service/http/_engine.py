"""What answers: a bundle in this process, its photographs decoded by workers, its network run in batches.

A photograph is decoded (`DecodedImage`), goes through the network with those of other requests (`HeldOutputs`), and is
decided once, with the others of its own request (`Answer`, with an id `AnsweredCase`). HTTP and DICOM both come here,
and neither knows of the other. Nothing in here knows HTTP.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np

from lentigo.errors import ConfigError, ImageError, ModelError
from lentigo.model import (
    Answer,
    DecodedImage,
    Explanation,
    HeldOutputs,
    Model,
    explain,
    lesion_rule_of,
    nearest,
    one_per_image,
    unreadable,
)
from lentigo.model.decision import Columns, check_prevalence
from lentigo.service.http._batching import Batcher
from lentigo.service.http._cases import AnsweredCase, ExplainedCase, LesionCase, decide_cases, decide_lesion, new_id
from lentigo.service.http._errors import BadColumn, BadPrevalence, Busy, NoLesionRule, TimedOut
from lentigo.service.http._journal import Journal
from lentigo.service.http._meters import Meters
from lentigo.service.http._pool import DecodePool
from lentigo.service.http._settings import ServiceSettings
from lentigo.service.http._waiting import all_or_none, in_time

MOST_EXPLANATIONS: Final = 8  # that wait: each costs as much as some twenty answers


class Engine:
    """A model that serves many callers at once; it belongs to the event loop that started it.

    Args:
        model: a bundle, opened.
        settings: limits of the workers and queues.

    Example:
        >>> async def ask() -> str:
        ...     async with Engine(open_model(bundle_folder), ServiceSettings(workers=1)) as engine:
        ...         return (await engine.answer([photo.read_bytes()]))[0].image
        >>> asyncio.run(ask())
        'image 1'
    """

    def __init__(self, model: Model, settings: ServiceSettings) -> None:
        self.model, self.settings = model, settings
        self.meters = Meters(model.record)
        self.journal = Journal(model, settings)
        self.pool = DecodePool(model.record.image, settings, on_restart=self.meters.restarts.inc)
        size = settings.batch_size or model.batch_size
        self.batcher: Batcher[DecodedImage, HeldOutputs] = Batcher(model.hold, size, self.meters.batch.observe)
        self.is_draining = False
        self._explaining = ThreadPoolExecutor(1, "lentigo-explain")
        self._n_explaining = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> "Engine":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that the bundle uses beside the image and that a sender may fill in."""
        fusion = self.model.decision.fusion
        return () if fusion is None else fusion.asked

    @property
    def is_ready(self) -> bool:
        """Whether a photograph sent now would be answered."""
        return self._loop is not None and not self.is_draining and self.pool.n_ready > 0

    async def start(self) -> None:
        """Start the workers and run the network once at its largest, so that memory is taken now and not later."""
        if self._loop is not None:
            return
        await self.pool.start()
        side = self.model.record.image.size
        for n_images in (1, self.batcher.size):
            pixels = np.zeros((n_images, side, side, 3), np.uint8)
            await asyncio.to_thread(self.model.network.run, pixels)
        self._loop = asyncio.get_running_loop()

    async def close(self) -> None:
        """End workers and threads."""
        if self._loop is None:
            return
        self._loop = None
        await self.pool.close()
        self.batcher.close()
        self._explaining.shutdown(wait=False, cancel_futures=True)
        self.journal.close()

    async def answer(
        self, images: Sequence[bytes], prevalence: float | None = None, *, names: Sequence[str] | None = None
    ) -> list[Answer]:
        """Return what the bundle says about photographs, in order.

        Args:
            images: bytes of image files.
            prevalence: as for `Model.predict`.
            names: to call them by; "image 1" and so on when left out.
        """
        return [case.answer for case in await self.answer_cases(images, prevalence, names=names)]

    async def answer_cases(
        self,
        images: Sequence[bytes],
        prevalence: float | None = None,
        *,
        names: Sequence[str] | None = None,
        columns: Sequence[Columns] | None = None,
        is_patient: bool = False,
    ) -> list[AnsweredCase]:
        """Return the answers with what else is known; a photograph that cannot be decoded has an answer, too.

        Args:
            images: bytes of image files.
            prevalence: as for `Model.predict`.
            names: to call them by.
            columns: what is known of each beside the image, for a bundle that uses it.
            is_patient: whether all are of one patient, and judged beside each other where the bundle does that.

        Raises:
            ServiceError: there is no room, no time, a worker died, the answers cannot be logged, or a value cannot be
                used.
        """
        labels = names or [f"image {place + 1}" for place in range(len(images))]
        held, known = await self._all_held(images, prevalence, labels, columns)
        # 0.2 ms per photograph with lentigo@2: too long for the event loop when a request holds 256 of them.
        cases = await asyncio.to_thread(
            decide_cases, self.model, held, labels, prevalence=prevalence, columns=known, is_patient=is_patient
        )
        await self._keep(list(zip(images, cases, strict=True)))
        return cases

    async def answer_lesion(
        self,
        images: Sequence[bytes],
        prevalence: float | None = None,
        *,
        names: Sequence[str],
        kinds: Sequence[str] = (),
        columns: Sequence[Columns] | None = None,
    ) -> LesionCase:
        """Return the one answer about several photographs of a lesion, by the bundle's rule for them.

        Args:
            images: as for `answer_cases`.
            prevalence: likewise.
            names: likewise.
            kinds: of each photograph, such as dermoscopic; kinds count alike.
            columns: as for `answer_cases`.

        Raises:
            NoLesionRule: the bundle has none; other `ServiceError` as for `answer_cases`.
        """
        try:
            lesion_rule_of(self.model)
        except ModelError as error:
            raise NoLesionRule(str(error)) from None
        held, known = await self._all_held(images, prevalence, names, columns)
        each = kinds or [""] * len(images)
        lesion = await asyncio.to_thread(
            decide_lesion, self.model, held, names, each, prevalence=prevalence, columns=known
        )
        for case in lesion.photographs:
            self.meters.count(case.answer)
        await self.journal.keep_lesion(images, lesion)
        return lesion

    async def explain(self, image: bytes, prevalence: float | None = None, *, name: str = "image 1") -> Explanation:
        """Return the explanation of one photograph.

        Raises:
            ImageError: it cannot, or must not, be decoded.
            ServiceError: as for `answer_cases`.
        """
        return (await self.explained(image, prevalence, name=name)).explanation

    async def explained(
        self,
        image: bytes,
        prevalence: float | None = None,
        *,
        name: str = "image 1",
        columns: Columns | None = None,
    ) -> ExplainedCase:
        """Return the explanation of one photograph, and its answer with an id.

        Raises:
            ImageError: it cannot, or must not, be decoded.
            Busy: too many explanations wait already; other `ServiceError` as for `answer_cases`.
        """
        self._check_prevalence(prevalence)
        (known,) = self._checked(None if columns is None else [columns], 1)
        if self._n_explaining >= MOST_EXPLANATIONS:
            raise Busy(f"{self._n_explaining} explanations are already waiting. Try again in a few seconds.")
        self._n_explaining += 1
        try:
            found = await in_time(self._explained(image, prevalence, name, known), self.settings.request_timeout_s)
        finally:
            self._n_explaining -= 1
        await self._keep([(image, found.case)])
        return found

    def explain_sync(self, data: bytes) -> Explanation:
        """Return the explanation of one photograph to another thread than that of the event loop.

        Raises:
            ImageError: it cannot, or must not, be decoded.
            TimedOut: there was no answer in time.
            Busy: the service ends, or has no room; other `ServiceError` as for `answer_cases`.
        """
        if self._loop is None or self.is_draining:
            raise Busy("the service does not accept photographs now. Try again in a few seconds.")
        asked = asyncio.run_coroutine_threadsafe(self.explain(data), self._loop)
        try:
            return asked.result(self.settings.request_timeout_s + 5)
        except TimeoutError:
            asked.cancel()
            raise TimedOut("there was no answer in time. Send fewer photographs at a time.") from None

    def similar(self, case: AnsweredCase, n_cases: int) -> list[dict[str, Any]]:
        """Return the reference cases most similar to one, the nearest first; empty where the bundle has none."""
        references = self.model.references
        if references is None or case.embedding is None:
            return []
        rows, similarity = nearest(case.embedding[np.newaxis], references.embeddings, n_cases)
        return [
            {"image_id": references.image_id[row], "diagnosis": references.diagnosis[row], "similarity": float(value)}
            for row, value in zip(rows[0].tolist(), similarity[0].tolist(), strict=True)
        ]

    async def _all_held(
        self,
        images: Sequence[bytes],
        prevalence: float | None,
        names: Sequence[str],
        columns: Sequence[Columns] | None,
    ) -> tuple[list[HeldOutputs | Answer], Sequence[Columns]]:
        """Return what the network said of each photograph, and what is known beside it."""
        self._check_prevalence(prevalence)
        known = self._checked(columns, len(images))
        self.pool.refuse_overload(len(images))
        asked = all_or_none([self._held(*one) for one in zip(images, names, strict=True)])
        return await in_time(asked, self.settings.request_timeout_s), known

    async def _held(self, content: bytes, name: str) -> HeldOutputs | Answer:
        try:
            return await self.batcher.submit(await self.pool.decode(content))
        except ImageError as error:
            return unreadable(name, error)

    async def _explained(self, image: bytes, prevalence: float | None, name: str, columns: Columns) -> ExplainedCase:
        seen = await self.pool.decode(image)
        # Beside the network's own thread: an explanation must not hold up the answers of everybody else.
        return await asyncio.get_running_loop().run_in_executor(
            self._explaining, self._explain_here, seen, name, prevalence, columns
        )

    def _explain_here(self, seen: DecodedImage, name: str, prevalence: float | None, columns: Columns) -> ExplainedCase:
        found = explain(self.model, seen, name, prevalence=prevalence, columns=columns)
        return ExplainedCase(AnsweredCase(new_id(), found.answer, found.embedding), found)

    async def _keep(self, pairs: Sequence[tuple[bytes, AnsweredCase]]) -> None:
        for _, case in pairs:
            self.meters.count(case.answer)
        await self.journal.keep(pairs)

    def _checked(self, columns: Sequence[Columns] | None, n_images: int) -> Sequence[Columns]:
        """Return what is known of each photograph, nothing where nobody says.

        Raises:
            BadColumn: the bundle does not use it, or not such a value.
        """
        try:
            known = one_per_image(columns, n_images, self.model.decision, self.model.name)
        except ConfigError as error:
            raise BadColumn(str(error)) from None
        return known if known is not None else [{}] * n_images

    def _check_prevalence(self, prevalence: float | None) -> None:
        if prevalence is None:
            return
        try:
            check_prevalence(prevalence)
        except ConfigError as error:
            raise BadPrevalence(str(error)) from None
