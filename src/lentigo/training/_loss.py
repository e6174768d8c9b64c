"""What a step of training minimises: cross-entropy of a batch, mixed where the recipe mixes images."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lentigo.config import Config
from lentigo.training._mixing import mix


@dataclass(frozen=True, slots=True)
class Loss:
    """The mean loss of a batch.

    Args:
        config: of its settings, label smoothing and how images are mixed.
        weights: (K,) of the classes; None for equal ones.
    """

    config: Config
    weights: Tensor | None

    def __call__(
        self,
        network: Callable[[Tensor], Tensor],
        batch: Tensor,
        targets: Tensor,
        known: Tensor | None,
        *,
        generator: torch.Generator,
    ) -> Tensor:
        """Return the loss of one batch, a scalar.

        Args:
            network: from normalised images to logits.
            batch: (N, 3, S, S), normalised.
            targets: (N,) classes, or (N, K) probabilities.
            known: (N, K) added to the logits while the loss is taken; see `source_logits`. None for nothing.
            generator: of the draws that mix images.
        """
        mixture = mix(batch, self.config.augment, generator=generator)
        if mixture is None:
            return self._of(network(batch), targets, known)
        logits, partner = network(mixture.batch), mixture.partner
        own = self._of(logits, targets, known)
        other = self._of(logits, targets[partner], None if known is None else known[partner])
        return mixture.share * own + (1 - mixture.share) * other

    def _of(self, logits: Tensor, targets: Tensor, known: Tensor | None) -> Tensor:
        smoothing = self.config.train.label_smoothing
        told = logits if known is None else logits + known
        return F.cross_entropy(told, targets, weight=self.weights, label_smoothing=smoothing)
