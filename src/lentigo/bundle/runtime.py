"""`Bundle`: a verified folder that answers, with onnxruntime, numpy and Pillow alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lentigo.bundle.answer import BENIGN_LOOKING, CANNOT_ASSESS, LOW_CONFIDENCE, REFER, SLACK, Answer, Source, ask
from lentigo.bundle.files import CARD, MODEL, TYPICAL, read_bundle_folder
from lentigo.bundle.gate import RULES
from lentigo.bundle.look import content_box, look_at
from lentigo.bundle.mapping import check_prevalence, shift_odds, shift_threshold
from lentigo.bundle.oddness import WORDS as ODD
from lentigo.bundle.oddness import Typical
from lentigo.bundle.record import BundleRecord
from lentigo.bundle.references import ReferenceCases
from lentigo.bundle.session import Network, Outputs
from lentigo.errors import BundleError
from lentigo.images import Preprocess
from lentigo.models import place_of
from lentigo.progress import Track, silent

__all__ = ["Bundle", "Seen", "look", "reason_keys"]

# Images through the network at once: with eight views 16 are 128, which keeps two cores busy and memory below 1 GB.
BATCH: Final = {1: 32, 8: 8}


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One decoded photograph.

    Args:
        pixels: fitted, shape (S, S, 3).
        look: the measures of the input gate.
        size: width and height of the upright photograph as it was decoded, which may be a fraction of what its file
            holds; zeros where nobody has asked for them.
    """

    pixels: NDArray[np.uint8]
    look: NDArray[np.float32]
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A bundle, ready to be asked.

    Args:
        folder: where it lies.
        record: everything it says about itself.
        network: what answers.
        references: the cases it compares with; None where it has none.
        typical: what embeddings of training images look like; None where it has no out-of-distribution score.
        card: text of model_card.md.

    Example:
        >>> bundle = Bundle.load(bundle_folder)
        >>> [answer.decision in ("refer", "benign-looking", "cannot assess") for answer in bundle.predict([photo])]
        [True]
    """

    folder: Path
    record: BundleRecord
    network: Network
    references: ReferenceCases | None
    typical: Typical | None
    card: str

    @classmethod
    def load(cls, path: str | Path, *, threads: int | None = None, spin: bool = True) -> "Bundle":
        """Return the bundle in a folder, after checking every file, every field and a known answer.

        Args:
            path: the folder; "lentigo" for the bundle that is shipped.
            threads: for the network; all cores this process may use when left out.
            spin: as for `Network.load`.

        Raises:
            BundleError: it is incomplete, altered, of an unknown version, or contradicts itself.
        """
        folder = place_of(path)
        payload, contents = read_bundle_folder(folder)
        record = BundleRecord.from_json(payload, f"{folder.name}/bundle.json")
        try:
            card = contents[CARD].decode("utf-8")
        except UnicodeDecodeError as error:
            raise BundleError(f"{folder / CARD} is no text. Export the run again.") from error
        references = ReferenceCases.read(contents, record.references, record.network.embedding_size, record.classes)
        expected = {
            "classes": list(record.classes),
            "views": record.network.views,
            "size": record.image.size,
            "map_side": record.network.map_side,
            "embedding_size": record.network.embedding_size,
        }
        network = Network.load(contents[MODEL], expected=expected, threads=threads, spin=spin)
        record.known_answer.check(network, record.calibration, record.image.size, record.network.storage)
        return cls(folder, record, network, references, _typical(contents, record), card)

    @property
    def classes(self) -> tuple[str, ...]:
        """What the probabilities are of, in order."""
        return self.record.classes

    @property
    def batch_size(self) -> int:
        """How many images go through the network at once."""
        return BATCH[self.record.network.views]

    @property
    def is_malignant(self) -> NDArray[np.bool_]:
        """Which classes are malignant, shape (K,)."""
        return np.isin(self.record.classes, self.record.malignant_classes)

    def threshold(self, prevalence: float | None = None) -> float:
        """Return the malignant probability from which on to refer.

        Args:
            prevalence: where the answers are used; decisions stay, as threshold and probability move together.
        """
        threshold = self.record.operating_points[0].threshold
        if prevalence is None:
            return threshold
        check_prevalence(prevalence)
        return shift_threshold(threshold, source=self.record.prevalence, target=prevalence)

    def predict(
        self,
        images: str | Path | bytes | Sequence[str | Path | bytes],
        *,
        prevalence: float | None = None,
        track: Track = silent,
    ) -> Iterator[Answer]:
        """Return an iterator over one answer an image, in order, in memory that does not grow with their number.

        Args:
            images: files, folders (searched to the bottom), tables with a `path` or `image_id` column, or the bytes
                of image files.
            prevalence: share of malignant lesions where the answers are used; that of validation when left out.
            track: draws progress.

        Raises:
            DataError: an input does not exist.

        Example:
            >>> answer, = Bundle.load(bundle_folder).predict(photo.read_bytes(), prevalence=0.02)
            >>> answer.image
            'image 1'
        """
        from lentigo.sources import find_images

        given = [images] if isinstance(images, str | Path | bytes) else list(images)
        raw = [image for image in given if isinstance(image, bytes)]
        if raw and len(raw) == len(given):
            return self.answers(raw, prevalence=prevalence, track=track)
        names, paths = find_images([image for image in given if not isinstance(image, bytes)])
        return self.answers([*paths, *raw], names=None if raw else names, prevalence=prevalence, track=track)

    def answers(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        prevalence: float | None = None,
        threads: int | None = None,
        track: Track = silent,
    ) -> Iterator[Answer]:
        """Return an iterator over the answers for image files or their bytes, in order.

        Args:
            sources: paths, or the bytes of files.
            names: what to call them in the answers; the paths when left out.
            prevalence: as for `predict`.
            threads: that decode; one a core of the machine when left out.
            track: draws progress.
        """
        if prevalence is not None:
            check_prevalence(prevalence)

        def judge(seen: list[Seen], here: list[str]) -> list[Answer]:
            return self.judge(seen, here, prevalence=prevalence)

        return ask(sources, names, self.look, judge, batch_size=self.batch_size, threads=threads, track=track)

    def look(self, source: Source) -> Seen:
        """Return one photograph decoded, fitted and measured.

        Raises:
            ImageError: the image cannot, or must not, be decoded.
        """
        return look(source, Preprocess(self.record.image))

    def judge(self, seen: list[Seen], names: Sequence[str], *, prevalence: float | None = None) -> list[Answer]:
        """Return the answers about one batch of photographs."""
        outputs = self.network.run(np.stack([one.pixels for one in seen]))
        return self.answers_from(outputs, [one.look for one in seen], names, prevalence=prevalence)

    def answers_from(
        self,
        outputs: Outputs,
        looks: Sequence[NDArray[np.float32]],
        names: Sequence[str],
        *,
        prevalence: float | None = None,
    ) -> list[Answer]:
        """Return the answers that follow from what the network said.

        The gate, the score and the band judge the photograph and the calibrated probability; the prevalence changes
        what is said, never what is decided.
        """
        probabilities = self.record.calibration.apply(outputs.logits)
        malignant = probabilities[:, self.is_malignant].sum(axis=1)
        is_called = malignant >= self.record.operating_points[0].threshold - SLACK
        band = self.record.low_confidence
        is_close = np.zeros(len(names), bool) if band is None else (malignant > band.low) & (malignant < band.high)
        odd = self._oddness(outputs.embedding)
        said = probabilities if prevalence is None else self._shifted(probabilities, prevalence)
        threshold = self.threshold(prevalence)
        answers = []
        for row, (name, look) in enumerate(zip(names, looks, strict=True)):
            reasons = list(self.record.gate.reasons(look))
            if self.record.oddness is not None and odd[row] > self.record.oddness.limit:
                reasons.append(ODD)
            if not reasons and is_close[row]:
                reasons.append(LOW_CONFIDENCE)
            decision = CANNOT_ASSESS if reasons else REFER if is_called[row] else BENIGN_LOOKING
            shares = dict(zip(self.classes, said[row].tolist(), strict=True))
            total = min(1.0, float(sum(shares[key] for key in self.record.malignant_classes)))
            answers.append(
                Answer(
                    name,
                    shares,
                    total,
                    decision,
                    "",
                    tuple(reasons),
                    threshold=threshold,
                    oddness=float(odd[row]),
                    malignant_classes=self.record.malignant_classes,
                )
            )
        return answers

    def _oddness(self, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.typical is None:
            return np.full(len(embedding), np.nan, np.float32)
        return self.typical.distances(embedding)

    def _shifted(self, probabilities: NDArray[np.float64], prevalence: float) -> NDArray[np.float64]:
        return shift_odds(probabilities, self.is_malignant, source=self.record.prevalence, target=prevalence)

    def describe(self) -> dict[str, Any]:
        """Return everything the bundle says about itself, for programs."""
        return {
            "bundle": str(self.folder),
            **self.record.json(),
            "reached": self.record.reached(),
            "headline": self.record.headline().json(),
        }


def look(source: Source, preprocess: Preprocess) -> Seen:
    """Return one photograph decoded, fitted and measured.

    Raises:
        ImageError: the image cannot, or must not, be decoded.

    Example:
        >>> look(photo, Preprocess(ImageConfig(size=32))).pixels.shape
        (32, 32, 3)
    """
    image = preprocess.open(source)
    pixels = np.asarray(preprocess.fit(image))
    box = content_box(*image.size, preprocess.settings.size, preprocess.settings.fit)
    return Seen(pixels, look_at(pixels[box], min(image.size)), image.size)


def reason_keys(record: BundleRecord) -> dict[str, str]:
    """Return short names, for programs, of all reasons for which a bundle cannot assess a photograph.

    Example:
        >>> reason_keys(Bundle.load(bundle_folder).record)["out of focus"]
        'blurred'
    """
    keys = {rule.words: rule.key for rule in RULES if rule.key in record.gate.limits}
    if record.oddness is not None:
        keys[ODD] = "odd"
    if record.low_confidence is not None:
        keys[LOW_CONFIDENCE] = "low_confidence"
    return keys


def _typical(contents: dict[str, bytes], record: BundleRecord) -> Typical | None:
    """Return what the out-of-distribution score needs, or None for a bundle without it.

    Raises:
        BundleError: the file does not fit the record.
    """
    if (record.oddness is None) != (TYPICAL not in contents):
        raise BundleError(f"bundle.json and {TYPICAL} do not fit each other. Export the run again.")
    if record.oddness is None:
        return None
    n_groups, size = record.oddness.n_groups, record.network.embedding_size
    typical = Typical.read(contents[TYPICAL], TYPICAL, n_groups=n_groups, embedding_size=size)
    if not (np.isfinite(typical.means).all() and np.isfinite(typical.whitening).all()):
        raise BundleError(f"{TYPICAL} holds what is no number. Export the run again.")
    return typical
