"""Wilson's interval by published values, and its form for clusters, which is Wilson's where nothing clusters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lentigo.model.decision import wilson_interval
from lentigo.numbers.metrics._few_clusters import t_quantile
from lentigo.numbers.metrics._proportions import clustered_wilson_interval


def test_wilson_agrees_with_published_values() -> None:
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    for successes, n, low, high in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)]:
        assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


@given(n=st.integers(1, 10_000), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_wilson_holds_the_share_within_zero_and_one_and_mirrors(n: int, share: float, confidence: float) -> None:
    successes = round(share * n)
    low, high = wilson_interval(successes, n, confidence=confidence)
    assert 0 <= low <= successes / n <= high <= 1
    assert low < high
    mirrored = wilson_interval(n - successes, n, confidence=confidence)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_cases_for_themselves_are_as_many_as_they_are_whatever_the_jackknife_says() -> None:
    alone = clustered_wilson_interval(13 / 14, 0.02, n=14, n_clusters=14)
    assert alone[0] > 0.65  # Clopper and Pearson: 0.661; three times the variance had said 0.63
    assert clustered_wilson_interval(13 / 14, 0.02, n=14, n_clusters=13)[0] < alone[0]


@given(n=st.integers(2, 10_000), share=st.floats(0.01, 0.99))
def test_cases_for_themselves_get_wilsons_interval_with_a_t_quantile(n: int, share: float) -> None:
    found = clustered_wilson_interval(share, share * (1 - share) / n, n=n, n_clusters=n)
    # a t quantile is a normal one of a higher confidence
    t = t_quantile(0.95, n - 1)
    centre, shift = (share * n + t**2 / 2) / (n + t**2), t / (n + t**2) * (share * (1 - share) * n + t**2 / 4) ** 0.5
    assert found == pytest.approx((centre - shift, centre + shift), abs=1e-9)


def test_one_missed_image_among_patients_does_not_teach_that_images_are_independent() -> None:
    # 160 images of 40 patients, one missed; a variance as of independent images, since the missed one is alone
    variance = 1 / 160 * 159 / 160 / 160
    # half an event of design effect (1 + 4) / 2 beside one event of design effect 1: (1 + 1.25) / 1.5 = 1.5
    found = clustered_wilson_interval(159 / 160, variance, n=160, n_clusters=40)
    n = 160 / 1.5
    t = t_quantile(0.95, 39)
    expected = (159 / 160 + t**2 / 2 / n) / (1 + t**2 / n)
    assert sum(found) / 2 == pytest.approx(expected)
    assert found[0] < wilson_interval(159, 160)[0]


def test_many_events_speak_for_themselves() -> None:
    variance = 3 * 0.25 / 4000
    found = clustered_wilson_interval(0.5, variance, n=4000, n_clusters=800)
    assert found == pytest.approx(wilson_interval(4000 / 3 / 2, 4000 / 3), abs=2e-4)


def test_a_large_design_effect_is_never_taken_back() -> None:
    # six images a patient that all go together: 6, beyond the prior's (1 + 6) / 2
    variance = 6 * 0.05 * 0.95 / 120
    found = clustered_wilson_interval(0.95, variance, n=120, n_clusters=20)
    t = t_quantile(0.95, 19)
    assert sum(found) / 2 == pytest.approx((0.95 + t**2 / 40) / (1 + t**2 / 20))


@pytest.mark.parametrize(("n", "share"), [(20, 0.5), (360, 0.701), (300, 0.9)])
def test_a_share_is_never_surer_than_its_cases(n: int, share: float) -> None:
    """A jackknife of 200 blocks made 400 independent images of 360; the interval is that of all 360 at most."""
    lucky = clustered_wilson_interval(share, 0.8 * share * (1 - share) / n, n=n, n_clusters=n)
    assert lucky == pytest.approx(clustered_wilson_interval(share, share * (1 - share) / n, n=n, n_clusters=n))
    assert (
        lucky[1] - lucky[0] >= wilson_interval(round(share * n), n)[1] - wilson_interval(round(share * n), n)[0] - 1e-3
    )
