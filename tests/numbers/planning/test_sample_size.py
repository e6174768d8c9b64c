import math

import numpy as np
import pytest

from lentigo.errors import ConfigError
from lentigo.model.decision import normal_quantile, wilson_interval
from lentigo.numbers.planning import auroc_interval_size, design_effect, noninferiority_size, wald_size, wilson_size


@pytest.mark.parametrize(
    ("auroc", "width", "prevalence", "n"),
    [(0.9, 0.05, 0.07, 2401), (0.75, 0.1, 0.3, 433), (0.8, 0.1, 0.018, 4252)],
)
def test_auroc_sizes_are_those_of_pmvalsampsize_0_2_1(auroc, width, prevalence, n):
    # PyPI's pmvalsampsize 0.2.1, criterion 3; the last is Riley et al.'s (2021) heart valve example
    assert auroc_interval_size(auroc, width=width, prevalence=prevalence) == n


@pytest.mark.parametrize(
    ("share", "standard_error", "part", "n"),
    [
        # pmvalsampsize 0.2.1, "Recall" and "Specificity"; it rounds the standard error, which is undone by the width
        (0.868, 0.0128, 0.07, 9991),
        (0.726, 0.0255, 0.3, 1020),
        (0.94, 0.0255, 0.018, 4819),
        (0.604, 0.0128, 0.93, 1570),
        (0.675, 0.0255, 0.7, 482),
        (0.705, 0.0255, 0.982, 326),
    ],
)
def test_sizes_by_the_normal_approximation_are_those_of_pmvalsampsize_0_2_1(share, standard_error, part, n):
    of_side = wald_size(share, width=2 * normal_quantile(0.95) * standard_error)
    # it rounds up once, for all lesions; a whole number of malignant ones may take up to one more each
    assert n <= math.ceil(of_side / part) < n + 1 / part


def test_buderer_s_formula_by_hand():
    # 1.96^2 x 0.9 x 0.1 / 0.05^2 = 138.3; with half a width of 0.1: 34.6
    assert wald_size(0.9, width=0.1) == 139
    assert wald_size(0.9, width=0.2) == 35


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95, 0.995])
@pytest.mark.parametrize("width", [0.02, 0.05, 0.2])
def test_one_case_fewer_gives_a_wilson_interval_that_is_too_wide(share, width):
    n = wilson_size(share, width=width)

    def width_of(cases):
        low, high = wilson_interval(share * cases, cases)
        return high - low

    assert width_of(n) <= width < width_of(n - 1)


def test_hanley_and_mcneil_s_own_example_has_the_size_that_gives_its_standard_error():
    # Radiology 1982: 51 abnormal and 58 normal images, area 0.893, standard error 0.032 (unrounded 0.0325)
    n = auroc_interval_size(0.893, width=2 * 1.96 * 0.0325, prevalence=51 / 109, method="hanley-mcneil")
    assert n == pytest.approx(109, abs=1)


def test_hanley_and_mcneil_ask_for_more_than_newcombe_where_malignant_lesions_are_rare():
    aim = {"width": 0.05, "prevalence": 0.07}
    assert auroc_interval_size(0.9, **aim, method="hanley-mcneil") > auroc_interval_size(0.9, **aim)


@pytest.mark.parametrize(("discordance", "margin", "power"), [(0.095, 0.05, 0.8), (0.3, 0.1, 0.9)])
def test_tango_s_score_test_has_the_planned_power_in_simulated_studies(discordance, margin, power):
    n = noninferiority_size(discordance=discordance, margin=margin, power=power)
    rng = np.random.default_rng(0)
    gains, losses, _ = rng.multinomial(n, [discordance / 2, discordance / 2, 1 - discordance], size=20_000).T
    # Tango's (1998) score test; the restricted share of gains is found by maximising the likelihood on a grid
    shares = np.linspace(1e-6, (1 - margin) / 2 - 1e-6, 4001)
    logs = np.stack([np.log(shares), np.log(shares + margin), np.log(1 - 2 * shares - margin)])
    pairs, place = np.unique(np.stack([gains, losses, n - gains - losses], axis=1), axis=0, return_inverse=True)
    restricted = shares[(pairs @ logs).argmax(axis=1)][place.ravel()]
    z = (gains - losses + n * margin) / np.sqrt(n * (2 * restricted + margin * (1 - margin)))
    assert (z > 1.959964).mean() == pytest.approx(power, abs=0.03)


def test_the_restricted_test_needs_fewer_lesions_when_the_new_model_is_better():
    equal, better = (noninferiority_size(discordance=0.1, margin=0.05, difference=d) for d in (0.0, 0.02))
    assert better < equal
    with pytest.raises(ConfigError, match="no number of cases"):
        noninferiority_size(discordance=0.1, margin=0.05, difference=-0.05)


def test_images_that_agree_always_count_as_one_lesion_and_unrelated_ones_each():
    assert design_effect(4, 1.0) == 4
    assert design_effect(4, 0.0) == 1


def test_an_interval_too_narrow_for_any_study_is_refused():
    with pytest.raises(ConfigError, match="billion"):
        wilson_size(0.5, width=1e-9)
