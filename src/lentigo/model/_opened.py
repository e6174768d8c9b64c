"""A model that is opened, and what is known of it: where it lies, what it decides by, what its bundle states."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from lentigo.errors import BundleError, ModelError
from lentigo.images import Preprocess
from lentigo.model._bundle_record import BundleRecord
from lentigo.model._cascade import Borders, Cascade
from lentigo.model._computation import Computation
from lentigo.model._ood_score import TypicalEmbeddings
from lentigo.model._outputs import Network
from lentigo.model._references import ReferenceCases
from lentigo.model.decision import DecisionRule
from lentigo.notebook import table_html, table_text
from lentigo.wording import figure_text


@dataclass(frozen=True, slots=True, eq=False)
class OpenedModel:
    """What is known of a model before it predicts; its fields are those of `Model`."""

    folder: Path
    kind: str
    name: str
    preprocess: Preprocess
    decision: DecisionRule
    network: Network
    batch_size: int
    provenance: Mapping[str, Any] = field(default_factory=dict)
    about: BundleRecord | None = None
    references: ReferenceCases | None = None
    typical: TypicalEmbeddings | None = None
    card: str = ""
    computation: Computation = field(default_factory=Computation)
    embedding_width: int = 0

    @property
    def record(self) -> BundleRecord:
        """The record of a bundle: everything that it states about itself.

        Raises:
            BundleError: it is another kind of model.
        """
        if self.about is None:
            raise BundleError(
                f"{self.folder} is a {self.kind}. Export it first: lentigo export {self.folder} --out BUNDLE"
            )
        return self.about

    def with_record(self, record: BundleRecord) -> Self:
        """Return the same bundle with another record."""
        network = self.network
        if isinstance(network, Cascade):
            network = dataclasses.replace(network, borders=Borders.of(record, self.typical))
        return dataclasses.replace(self, name=record.name, about=record, decision=record.decision, network=network)

    def with_max_pixels(self, n_pixels: int | None) -> Self:
        """Return the model with another limit on the pixels of a photograph; the same one for None.

        Example:
            >>> from lentigo import open_model
            >>> open_model(bundle_folder).with_max_pixels(1_000_000).preprocess.settings.max_pixels
            1000000
        """
        if n_pixels is None:
            return self
        settings = dataclasses.replace(self.preprocess.settings, max_pixels=n_pixels)
        return dataclasses.replace(self, preprocess=dataclasses.replace(self.preprocess, settings=settings))

    def refuse_photographs(self) -> None:
        """Raise if the model predicts from embeddings.

        Raises:
            ModelError: it is.
        """
        if self.embedding_width:
            raise ModelError(
                f"{self.name} predicts from embeddings ({self.embedding_width} numbers per image), not from "
                f"photographs. Give it embeddings: lentigo predict {self.folder} --features emb.parquet"
            )

    @property
    def needs_patients(self) -> bool:
        """Whether an answer depends on the patient's other photographs, where these are given."""
        return self.decision.fusion is not None and self.decision.fusion.has_context

    @property
    def classes(self) -> tuple[str, ...]:
        """What the probabilities are of, in order."""
        return self.decision.classes

    def __repr__(self) -> str:
        return table_text(self._title, self._summary())

    def _repr_html_(self) -> str:
        """Return what a notebook shows: name, classes and where it refers."""
        return table_html(self._title, self._summary())

    @property
    def _title(self) -> str:
        return self.kind.capitalize()

    def _summary(self) -> dict[str, object]:
        point, fusion = self.decision.point, self.decision.fusion
        beside = {} if fusion is None else {"uses": ", ".join(["image", *(term.name for term in fusion.terms)])}
        return {
            "name": self.name,
            "folder": self.folder,
            "classes": ", ".join(self.classes),
            "threshold": f"malignant probability {figure_text(point.threshold, 4)} ({point.name})",
            **self._without_answer(),
            **beside,
        }

    def _without_answer(self) -> dict[str, object]:
        band = self.decision.low_confidence
        if band is None or band.low >= band.high:
            return {}
        return {"no answer": f"between {figure_text(band.low, 4)} and {figure_text(band.high, 4)}"}

    def describe(self) -> dict[str, Any]:
        """Return everything that a bundle states about itself, for programs."""
        return {
            "bundle": str(self.folder),
            **self.record.json(),
            "reached": self.record.reached(),
            "headline": self.record.headline().json(),
            **self.computation.json(),
        }
