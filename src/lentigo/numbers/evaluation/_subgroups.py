"""Sensitivity, specificity and AUROC by sex, age, site, skin, source, image size and diagnosis, and the worst of them.

Every figure has the interval of the same resamples as the whole. A subgroup with few images is named, not judged: a
sensitivity of 3 in 4 says nothing. The lowest of many noisy figures is low by chance, so the worst subgroup stands
beside the number of subgroups it was picked from and a test of whether they differ at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from lentigo.model.decision import Estimate, is_referred
from lentigo.numbers.evaluation._attributes import AttributeLabels
from lentigo.numbers.evaluation._disparity import holm, shuffle_test
from lentigo.numbers.evaluation._resampling import Draws, ResampledFigure, Statistics, ratio
from lentigo.numbers.evaluation._subgroup_record import (
    Disparity,
    Figure,
    Subgroup,
    Subgroups,
    SubgroupTable,
    comparable,
)
from lentigo.numbers.metrics import GroupSum, Jackknife, Ranking, group_sum
from lentigo.wording import counted

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]


def resample_subgroups(
    labels: Sequence[AttributeLabels],
    missing: Mapping[str, str],
    *,
    is_malignant: Bools,
    probability: npt.NDArray[np.float64],
    point: str | None,
    threshold: float,
    min_images: int,
    min_cases: int,
    draws: Draws,
) -> ResampledFigure[Subgroups]:
    """Return the question how the subgroups fare.

    Args:
        labels: of `labels_of`.
        missing: attributes that are not among them, and why.
        is_malignant: (N,) truth.
        probability: (N,) calibrated malignant probability.
        point: name of the operating point that decides.
        threshold: of it.
        min_images: a subgroup with fewer is not judged.
        min_cases: nor is a sensitivity of fewer malignant images, or a specificity of fewer benign ones.
        draws: of the images.
    """
    limits = (min_images, min_cases)
    asked = [_Attribute.of(one, is_malignant, probability, threshold, limits, draws) for one in labels]

    def measure(weights: Floats) -> Statistics:
        return {f"{one.labels.key}_{key}": sums for one in asked for key, sums in one.measure(weights).items()}

    def conclude(found: Statistics, drawn: Statistics, without: Jackknife) -> Subgroups:
        tables = [one.table(found, drawn, without) for one in asked]
        raw = [one.p_value for table in tables for one in table.disparities]
        corrected = iter(holm(raw))
        tables = [
            replace(table, disparities=tuple(replace(one, p_corrected=next(corrected)) for one in table.disparities))
            for table in tables
        ]
        return Subgroups(point, threshold, min_images, min_cases, tuple(tables), dict(missing))

    return ResampledFigure(measure, conclude)


@dataclass(frozen=True, slots=True, eq=False)
class _Attribute:
    labels: AttributeLabels
    is_malignant: Bools
    is_called: Bools
    limits: tuple[int, int]
    draws: Draws
    add: GroupSum
    rankings: dict[int, tuple[npt.NDArray[np.int64], Ranking]]

    @classmethod
    def of(
        cls,
        labels: AttributeLabels,
        is_malignant: Bools,
        probability: npt.NDArray[np.float64],
        threshold: float,
        limits: tuple[int, int],
        draws: Draws,
    ) -> Self:
        is_called = is_referred(probability, threshold)
        cell = 4 * labels.group + 2 * is_malignant + is_called
        rankings: dict[int, tuple[npt.NDArray[np.int64], Ranking]] = {}
        asked = cls(labels, is_malignant, is_called, limits, draws, group_sum(cell, 4 * len(labels.values)), rankings)
        for k in range(len(labels.values)):
            rows = np.flatnonzero(labels.group == k)
            if asked._reason(labels.group == k, "images") is None:
                rankings[k] = (rows, Ranking.of(is_malignant[rows], probability[rows]))
        return asked

    def measure(self, weights: Floats) -> Statistics:
        cells = self.add(weights).astype(np.float64).reshape(len(self.labels.values), 4, -1)
        cleared, alarms, missed, found = np.moveaxis(cells, 1, 0)
        areas = np.full(found.shape, np.nan)
        for k, (rows, ranking) in self.rankings.items():
            areas[k] = ranking.weigh(weights[rows]).auroc()
        return {
            "sensitivity": ratio(found, found + missed),
            "specificity": ratio(cleared, cleared + alarms),
            "auroc": areas,
        }

    def table(self, found: Statistics, drawn: Statistics, without: Jackknife) -> SubgroupTable:
        groups = tuple(self._group(k, found, drawn, without) for k in range(len(self.labels.values)))
        table = SubgroupTable(self.labels.key, self.labels.name, groups, ())
        tests = tuple(self._disparity(table, figure) for figure in ("sensitivity", "specificity"))
        return SubgroupTable(table.key, table.name, groups, tests)

    def _group(self, k: int, found: Statistics, drawn: Statistics, without: Jackknife) -> Subgroup:
        rows = self.labels.group == k

        sick, well = rows & self.is_malignant, rows & ~self.is_malignant

        def figure(name: str, cases: Bools, what: str) -> Estimate:
            reason = self._reason(rows, what)
            if reason is not None:
                return Estimate.undefined(reason, n=int(cases.sum()))
            key = f"{self.labels.key}_{name}"
            is_area = name == "auroc"
            return self.draws.estimate(
                found[key][k],
                drawn[key][k],
                cases,
                what,
                is_proportion=not is_area,
                is_ranking=is_area,
                sides=[(sick, "malignant images"), (well, "benign images")] if is_area else [],
                influence=without.influence(key, k),
            )

        rarer = min((sick, well), key=self.draws.resampler.count_clusters)
        return Subgroup(
            value=self.labels.values[k],
            n_images=int(rows.sum()),
            n_units=self.draws.resampler.count_clusters(rows),
            n_malignant=int(sick.sum()),
            sensitivity=figure("sensitivity", sick, "malignant images"),
            specificity=figure("specificity", well, "benign images"),
            auroc=figure("auroc", rarer, "images"),
        )

    def _reason(self, rows: Bools, what: str) -> str | None:
        """Return why a figure of some images is not given; None when it is."""
        min_images, min_cases = self.limits
        if rows.sum() < min_images:
            return f"too few: {counted(rows.sum(), 'image')}"
        sides = {"malignant images": self.is_malignant, "benign images": ~self.is_malignant}
        for side, of_side in sides.items():
            if what in {side, "images"} and (n := int((rows & of_side).sum())) < min_cases:
                return f"too few: {n} {side if n != 1 else side.removesuffix('s')}"
        return None

    def _disparity(self, table: SubgroupTable, figure: Figure) -> Disparity:
        judged = comparable(table, figure)
        places = [k for k, group in enumerate(table.groups) if group in judged]
        side = self.is_malignant if figure == "sensitivity" else ~self.is_malignant
        rows = np.isin(self.labels.group, places) & side
        is_hit = self.is_called[rows] == (figure == "sensitivity")
        resampler = self.draws.resampler
        p_value = float("nan")
        if len(judged) > 1:
            p_value = shuffle_test(
                is_hit,
                self.labels.group[rows],
                resampler.cluster[rows],
                n_shuffles=resampler.n_resamples,
                seed=resampler.seed,
            )
        values = [getattr(group, figure).value for group in judged]
        difference = max(values) - min(values) if len(values) > 1 else float("nan")
        return Disparity(figure, len(judged), difference, p_value, float("nan"))
