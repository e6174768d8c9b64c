"""`Model`: whatever answers, a bundle or a run, opened. From images to probabilities to decisions, once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lentigo.errors import ModelError
from lentigo.images import gather_images
from lentigo.model._answer import (
    Answer,
    Source,
    answer_batches,
    name_of_source,
)
from lentigo.model._assessment import answers_of
from lentigo.model._decoding import DecodedImage, decode_image
from lentigo.model._embedding_answers import answers_of_rows
from lentigo.model._held_outputs import HeldOutputs, answers_of_held, hold_outputs
from lentigo.model._image_columns import Given, one_per_image, with_context
from lentigo.model._opened import OpenedModel
from lentigo.model._outputs import Outputs, run_batches
from lentigo.model.decision import Columns, check_prevalence
from lentigo.progress import Track, silent

if TYPE_CHECKING:
    from lentigo.model._embeddings import Embeddings


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Model(OpenedModel):
    """A model that predicts. `lentigo.open_model` makes one of a bundle, a run, or what another package brings.

    Args:
        folder: where it lies.
        kind: "bundle", "run", or what another package calls it.
        name: of the bundle, or of the run's folder.
        preprocess: from an image to the pixels that the network gets.
        decision: what calibration decided.
        network: what answers.
        batch_size: how many images go through the network at once.
        provenance: what identifies it, for records: hashes and views.
        about: the record of a bundle; None for others, which have no input gate.
        references: the cases it compares with; None where it has none.
        typical: what embeddings of training images look like; None where it has no out-of-distribution score.
        card: text of model_card.md.
        computation: the runtime and the precision of the network.
        embedding_width: how many numbers per image it takes; 0 for a model of photographs.

    Example:
        >>> from lentigo import open_model
        >>> [answer.decision in ("refer", "benign-looking", "cannot assess")
        ...  for answer in open_model(bundle_folder).predict([photo])]
        [True]
    """

    def predict_embeddings(
        self,
        embeddings: "Embeddings",
        *,
        prevalence: float | None = None,
        columns: Given | None = None,
        patients: Sequence[str] | None = None,
    ) -> Iterator[Answer]:
        """Return an iterator over one answer per row of embeddings, in order.

        Args:
            embeddings: of the representation that the model was trained on; `read_embeddings` reads them.
            prevalence: share of malignant lesions where the answers are used; that of validation when omitted.
            columns: as for `answers`.
            patients: as for `answers`.

        Raises:
            ModelError: the model is asked with photographs.
            ConfigError: the model does not use such columns.
        """
        if not self.embedding_width:
            raise ModelError(
                f"{self.name} predicts from photographs, not from embeddings. Give it image files: "
                f"lentigo predict {self.folder} photo.jpg"
            )
        from lentigo.model._embeddings import refuse_width

        refuse_width(embeddings.width, self.embedding_width, self.name)
        if prevalence is not None:
            check_prevalence(prevalence)
        known = one_per_image(columns, len(embeddings.image_id), self.decision, self.name)
        return answers_of_rows(self, embeddings, prevalence, known, patients)

    def predict(
        self,
        images: Any,
        *,
        prevalence: float | None = None,
        columns: Given | None = None,
        patients: Sequence[str] | None = None,
        track: Track = silent,
    ) -> Iterator[Answer]:
        """Return an iterator over one answer per image, in order, in memory that does not grow with their number.

        Args:
            images: an image or several, as `lentigo.predict` takes them: paths, bytes, PIL images, arrays, data frames.
            prevalence: share of malignant lesions where the answers are used; that of validation when omitted.
            columns: as for `answers`.
            patients: as for `answers`.
            track: draws progress.

        Raises:
            ConfigError: the model does not use such columns, or not with such values.
            DataError: an input does not exist.
            TypeError: something else is among them.

        Example:
            >>> from lentigo import open_model
            >>> answer, = open_model(bundle_folder).predict(photo.read_bytes(), prevalence=0.02)
            >>> answer.image
            'image 1'
        """
        names, sources = gather_images(images)
        return self.answers(
            sources, names=names, prevalence=prevalence, columns=columns, patients=patients, track=track
        )

    def answers(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        prevalence: float | None = None,
        columns: Given | None = None,
        patients: Sequence[str] | None = None,
        threads: int | None = None,
        track: Track = silent,
    ) -> Iterator[Answer]:
        """Return an iterator over the answers for image files or their bytes, in order.

        Args:
            sources: paths, or the bytes of files.
            names: what to call them in the answers; the paths when left out.
            prevalence: as for `predict`.
            columns: what is known beside the image, such as {"age": 63}, for all or one per image; for a model that
                uses columns (`decision.fusion`). What is left out, or "unknown", counts as the average.
            patients: of each image, "" for nobody; for a model that uses the patient's other photographs. All answers
                then come after the last photograph.
            threads: that decode; one a core of the machine when left out.
            track: draws progress.

        Raises:
            ConfigError: the model does not use such columns, or not with such values.
        """
        self.refuse_photographs()
        if prevalence is not None:
            check_prevalence(prevalence)
        labels = list(names) if names is not None else [name_of_source(one, i) for i, one in enumerate(sources)]
        known = one_per_image(columns, len(labels), self.decision, self.name)
        if patients is not None and self.needs_patients:
            held = self.held(sources, names=labels, threads=threads, track=track)
            return answers_of_held(self, held, labels, prevalence=prevalence, columns=known, patients=patients)

        def judge(seen: list[DecodedImage], here: list[int]) -> list[Answer]:
            there = known and [known[place] for place in here]
            return self.judge(seen, [labels[place] for place in here], prevalence=prevalence, columns=there)

        return answer_batches(
            sources, labels, self.look, judge, batch_size=self.batch_size, threads=threads, track=track
        )

    def held(
        self,
        sources: Sequence[Source],
        *,
        names: Sequence[str] | None = None,
        threads: int | None = None,
        track: Track = silent,
    ) -> Iterator[HeldOutputs | Answer]:
        """Return an iterator over what the network says of each photograph, undecided, or why it cannot be read.

        For answers that rest on several photographs; arguments as of `answers`.
        """
        self.refuse_photographs()

        def hold(seen: list[DecodedImage], _: list[int]) -> list[HeldOutputs]:
            return self.hold(seen)

        return answer_batches(sources, names, self.look, hold, batch_size=self.batch_size, threads=threads, track=track)

    def hold(self, seen: Sequence[DecodedImage]) -> list[HeldOutputs]:
        """Return what the network says of each photograph of one batch, undecided."""
        return hold_outputs(self.network.run(np.stack([one.pixels for one in seen])), [one.statistics for one in seen])

    def look(self, source: Source) -> DecodedImage:
        """Return one photograph decoded, fitted and measured.

        Raises:
            ImageError: the image cannot, or must not, be decoded.
        """
        return decode_image(source, self.preprocess)

    def outputs(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Return the network's outputs for fitted pixels (N, S, S, 3), any N; maps, which are large, of one batch."""
        is_one = len(pixels) <= self.batch_size
        return self.network.run(pixels) if is_one else run_batches(self.network, pixels, self.batch_size)

    def judge(
        self,
        seen: Sequence[DecodedImage],
        names: Sequence[str],
        *,
        prevalence: float | None = None,
        columns: Sequence[Columns] | None = None,
    ) -> list[Answer]:
        """Return the answers about one batch of photographs; prevalence and columns as for `DecisionRule.decide`."""
        outputs = self.outputs(np.stack([one.pixels for one in seen]))
        return self.answers_from(
            outputs, [one.statistics for one in seen], names, prevalence=prevalence, columns=columns
        )

    def answers_from(
        self,
        outputs: Outputs,
        statistics: Sequence[NDArray[np.float32]],
        names: Sequence[str],
        *,
        prevalence: float | None = None,
        columns: Sequence[Columns] | None = None,
        patients: Sequence[str] | None = None,
    ) -> list[Answer]:
        """Return the answers that follow from the outputs of the network; prevalence is as for `DecisionRule.decide`.

        Columns are, too. Of a patient all photographs have to be among the outputs.

        The gate, the score and the band look at the photograph and the calibrated probability: the prevalence changes
        reported probabilities, never a decision.
        """
        known = with_context(self.decision, outputs, columns, patients)
        return answers_of(self, self.decision.decide(outputs, prevalence, known), outputs, statistics, names)

    def count_again(self, answers: Iterable[Answer]) -> int:
        """Return how many answers a lower precision left to float32.

        Example:
            >>> from lentigo import open_model
            >>> model = open_model(bundle_folder)
            >>> model.count_again(model.predict(photo))
            0
        """
        return sum(bool(one.precision) and one.precision != self.computation.precision for one in answers)
