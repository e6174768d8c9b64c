"""The bootstrap over lesions or patients: B resamples as whole-number weights, in pieces of bounded memory.

Images of one lesion or patient are not independent, so whole clusters are drawn, with replacement. Drawing is
stratified by the cluster's class: every resample has as many benign and malignant clusters as the sample, because the
mix of a test set is chosen, not observed, and a rare class must not vanish. So the intervals hold for test sets of this
mix; accuracy, PPV, NPV and calibration would vary more over sets of another. Resample r comes from its own generator,
seeded by (seed, r), so the numbers depend neither on the size of the pieces nor on how many resamples follow.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from lentigo.errors import MetricError
from lentigo.numbers.metrics._few_clusters import Support
from lentigo.numbers.metrics._loops import installed_loops, pays_in_bytes
from lentigo.wording import counted

Weights = npt.NDArray[Any]
Statistics = dict[str, npt.NDArray[np.floating]]

DEFAULT_MEMORY_BYTES = 256 * 2**20
"""Memory a piece of resamples may take; a quarter of a GiB leaves room beside a web server or a training run."""

_EXACT_IN_FLOAT32 = 2**24
"""Sums of whole-number weights below this are exact in float32."""

_BYTES_A_WEIGHT = 48
"""Held at once for each image and resample by the costliest statistic, the ranking of a class most images belong to."""

_BYTES_A_BYTE = 8
"""The same where weights are bytes: themselves, and the int32 levels of one ranking, which have a row per positive."""

_RESAMPLES_A_PIECE = 64
"""More at once no longer pay: rows of 256 bytes already fill cache lines, and larger pieces leave the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Resampler:
    """Which images stand or fall together, and how clusters are drawn. Build one with `Resampler.of`.

    Args:
        cluster: (N,) cluster of each image, 0 to G - 1, those of one class in a row.
        sizes: (S,) clusters of each class, in that order; they sum to G.
        n_resamples: B.
        seed: of all draws.

    Example:
        >>> resampler = Resampler.of(np.array([0, 0, 1]), np.array(["x", "x", "y"]), n_resamples=4, seed=0)
        >>> resampler.weights(0, 4).tolist()  # one cluster a class: every resample is the sample
        [[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]
    """

    cluster: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    n_resamples: int
    seed: int

    @classmethod
    def of(
        cls,
        target: npt.NDArray[np.integer],
        groups: npt.NDArray[np.generic] | None = None,
        *,
        n_resamples: int = 2000,
        seed: int = 0,
    ) -> Self:
        """Return the resampler of N images.

        A cluster whose images differ in class is drawn with the rarest class it holds (a patient with one melanoma
        among naevi with the melanomas), so that the number of rare cases varies least.

        Args:
            target: (N,) class of each image, 0 or more.
            groups: (N,) lesion or patient of each image; every image for itself when None.
            n_resamples: B.
            seed: of all draws.

        Raises:
            MetricError: there are no images, no resamples, or not one group per image.

        Example:
            >>> Resampler.of(np.array([0, 0, 1]), np.array(["x", "x", "y"])).n_clusters
            2
        """
        if n_resamples < 1:
            raise MetricError(f"{n_resamples} resamples are too few for an interval. Use at least one, better 2,000.")
        if target.size == 0:
            raise MetricError("There are no images to resample. Give predictions with at least one labelled image.")
        names = np.arange(target.size) if groups is None else np.asarray(groups)
        if names.shape != target.shape:
            raise MetricError(
                f"{counted(target.size, 'image needs', 'images need')} as "
                f"many groups; got {names.size}. Give one group per image."
            )
        _, cluster = np.unique(names, return_inverse=True)
        # rank 0 is the rarest class; a cluster takes the lowest rank among its images
        by_rarity = np.argsort(np.bincount(target), kind="stable")
        rank = np.argsort(by_rarity, kind="stable")[target]
        lowest = np.full(cluster.max() + 1, by_rarity.size)
        np.minimum.at(lowest, cluster, rank)
        in_order = np.argsort(lowest, kind="stable")
        place = np.argsort(in_order, kind="stable")
        return cls(place[cluster], np.unique(lowest, return_counts=True)[1], n_resamples, seed)

    @property
    def n_clusters(self) -> int:
        """Number of clusters, G."""
        return int(self.sizes.sum())

    def count_clusters(self, mask: npt.NDArray[np.bool_]) -> int:
        """Return how many clusters have an image in the (N,) mask.

        Example:
            >>> resampler = Resampler.of(np.array([0, 0, 1]), np.array(["x", "x", "y"]))
            >>> resampler.count_clusters(np.array([True, True, False]))
            1
        """
        # every figure asks: a count for each cluster takes a tenth of the time of a sort of the clusters
        return int(np.count_nonzero(np.bincount(self.cluster[mask])))

    def effective_clusters(self, mask: npt.NDArray[np.bool_]) -> float:
        """Return as how many equal clusters those with images in the (N,) mask count.

        (sum of sizes) squared over the sum of squared sizes: an interval is as unsure as its few large clusters make it
        (Carter, Schnepel and Steigerwald 2017). 0 without images.

        Example:
            >>> resampler = Resampler.of(np.array([0, 0, 0, 0]), np.array(["x", "x", "x", "y"]))
            >>> resampler.effective_clusters(np.array([True, True, True, True]))
            1.6
        """
        sizes = np.bincount(self.cluster[mask])
        return float(sizes.sum() ** 2 / (sizes**2).sum()) if sizes.size else 0.0

    def support(self, mask: npt.NDArray[np.bool_], cases: str) -> Support:
        """Return the clusters that images in the (N,) mask, called `cases`, come from.

        Example:
            >>> resampler = Resampler.of(np.array([0, 0, 1]), np.array(["x", "x", "y"]))
            >>> resampler.support(np.array([True, True, False]), "nevi")
            Support(n=2, n_clusters=1, effective=1.0, cases='nevi')
        """
        return Support(int(mask.sum()), self.count_clusters(mask), self.effective_clusters(mask), cases)

    def supports(self, target: npt.NDArray[np.integer], classes: Sequence[str]) -> list[Support]:
        """Return the clusters of each class that has images, by the (N,) index of its class.

        Example:
            >>> target = np.array([0, 0, 1])
            >>> [one.cases for one in Resampler.of(target, np.array(["x", "x", "y"])).supports(target, ["NV", "MEL"])]
            ['images of NV', 'images of MEL']
        """
        masks = [target == k for k in range(len(classes))]
        return [self.support(mask, f"images of {classes[k]}") for k, mask in enumerate(masks) if mask.any()]

    def weights(self, start: int, stop: int) -> Weights:
        """Return how often each image occurs in resamples `start` to `stop` - 1: (N, stop - start), whole numbers.

        Example:
            >>> Resampler.of(np.zeros(5, dtype=int)).weights(7, 9).sum(axis=0).tolist()
            [5.0, 5.0]
        """
        size, first = self._strata()
        counts = np.empty((stop - start, self.n_clusters), dtype=np.int32)
        for resample in range(start, stop):
            uniform = np.random.default_rng([self.seed, resample]).random(self.n_clusters)
            # uniform is at most 1 - 2**-53, and its product with a whole number rounds below that number
            drawn = first + (uniform * size).astype(np.int64)
            counts[resample - start] = np.bincount(drawn, minlength=self.n_clusters)
        n_images = counts @ np.bincount(self.cluster)
        is_small = n_images.max() < _EXACT_IN_FLOAT32
        by_cluster: Weights = counts.T.astype(np.float32 if is_small else np.float64, order="C")
        return by_cluster[self.cluster]

    def weights_in_bytes(self, start: int, stop: int) -> Weights:
        """Return what `weights` returns, as bytes, for the compiled loops; as floats where a number exceeds 255.

        Example:
            >>> Resampler.of(np.zeros(5, dtype=int)).weights_in_bytes(7, 9).sum(axis=0).tolist()
            [5, 5]
        """
        loops = installed_loops()
        if loops is None or self.cluster.size >= _EXACT_IN_FLOAT32 // 4:
            return self.weights(start, stop)
        size, first = self._strata()
        counts = np.zeros((stop - start, self.n_clusters), dtype=np.int16)
        for resample in range(start, stop):
            uniform = np.random.default_rng([self.seed, resample]).random(self.n_clusters)
            loops.count_draws(uniform, first, size, counts[resample - start])
        if counts.max() > np.iinfo(np.uint8).max:
            return self.weights(start, stop)
        by_cluster = np.empty((self.n_clusters, stop - start), dtype=np.uint8)
        loops.turn(counts, by_cluster)
        return by_cluster[self.cluster]

    def _strata(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        # of each cluster: how many its stratum has, and which is the first of them
        first = np.cumsum(self.sizes) - self.sizes
        return np.repeat(self.sizes, self.sizes), np.repeat(first, self.sizes)

    def pieces(self, *, max_bytes: int = DEFAULT_MEMORY_BYTES) -> Iterator[Weights]:
        """Yield the weights of all resamples in order, (N, b) at a time; b shrinks as N grows.

        They are bytes where compiled loops will sum them.

        Example:
            >>> sum(piece.shape[1] for piece in Resampler.of(np.zeros(5, dtype=int), n_resamples=100).pieces())
            100
        """
        in_bytes = pays_in_bytes(self.cluster.size, self.n_resamples)
        draw = self.weights_in_bytes if in_bytes else self.weights
        held = _BYTES_A_BYTE if in_bytes else _BYTES_A_WEIGHT
        affordable = max_bytes // (self.cluster.size * held)
        step = int(np.clip(affordable, 1, _RESAMPLES_A_PIECE))
        step -= step % 8 if step > 8 else 0  # whole vectors of the compiled loops
        for start in range(0, self.n_resamples, step):
            yield draw(start, min(start + step, self.n_resamples))


def bootstrap(
    statistic: Callable[[Weights], Statistics], resampler: Resampler, *, max_bytes: int = DEFAULT_MEMORY_BYTES
) -> Statistics:
    """Return the values that named figures take on every resample.

    Args:
        statistic: maps (N, b) weights to named arrays whose last axis is b.
        resampler: which images are drawn together, how often and from which seed.
        max_bytes: bound on the memory of one piece of resamples.

    Returns:
        The same names; the last axis is now B, the number of resamples.

    Example:
        >>> resampler = Resampler.of(np.zeros(4, dtype=int), n_resamples=3)
        >>> bootstrap(lambda weights: {"n": weights.sum(axis=0)}, resampler)["n"].tolist()
        [4.0, 4.0, 4.0]
    """
    pieces = [statistic(weights) for weights in resampler.pieces(max_bytes=max_bytes)]
    return {name: np.concatenate([piece[name] for piece in pieces], axis=-1) for name in pieces[0]}
