import dataclasses
import json

import numpy as np
import pytest

from lentigo.errors import BundleError
from lentigo.model import Fields, fit_gate, fit_gate_over_sources, image_statistics
from lentigo.model._input_gate import InputGate
from lentigo.phantoms import draw_others, spoil, through_tube

SIZE = 48
N = 36  # photographs of a source


def photograph(rng, *, dark=0.0, tint=0.0):
    """A lesion on skin, as one source's camera shows it."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    skin = np.array([225.0, 175.0, 150.0]) + rng.normal(0, 8, 3) + np.array([tint, 0, -tint])
    radius = rng.uniform(0.15, 0.3) * (1 + 0.2 * np.sin(3 * np.arctan2(y, x) + rng.uniform(0, 6)))
    inside = 1 / (1 + np.exp((np.hypot(x, y) - radius) / 0.02))
    picture = skin * (1 - inside[..., None] * rng.uniform(0.45, 0.65)) + rng.normal(0, 4, (SIZE, SIZE, 1))
    return np.clip(picture * (1 - dark), 0, 255).astype(np.uint8)


def looks(pictures):
    return np.stack([image_statistics(picture, SIZE) for picture in pictures])


@pytest.fixture(scope="module")
def sources():
    rng = np.random.default_rng(0)
    kinds = {"a": {}, "b": {"dark": 0.15}, "c": {"tint": 12.0}}
    return {name: [photograph(rng, **how) for _ in range(N)] for name, how in kinds.items()}


@pytest.fixture(scope="module")
def others(sources):
    rng = np.random.default_rng(1)
    spoilt = [spoil(picture, rng) for pictures in sources.values() for picture in pictures[:8]]
    return looks([*draw_others(80, size=SIZE), *spoilt])


@pytest.fixture(scope="module")
def fitted(sources, others):
    rng = np.random.default_rng(2)
    everything = [picture for pictures in sources.values() for picture in pictures]
    framed = looks([through_tube(picture, rng) for picture in everything])
    names = np.repeat(list(sources), N)
    return fit_gate_over_sources(looks(everything), names, SIZE, framed=framed, others=others)


def refused(gate, pictures):
    return np.any(list(gate.stopped(looks(pictures)).values()), axis=0).mean()


def test_photographs_of_a_source_that_nobody_fitted_pass_where_those_of_one_source_would_not(sources, fitted):
    rng = np.random.default_rng(3)
    plain = [photograph(rng, dark=0.05, tint=-8.0) for _ in range(40)]
    new = [through_tube(picture, rng) if number % 3 == 0 else picture for number, picture in enumerate(plain)]
    of_one = fit_gate(looks([*sources["a"], *[photograph(rng) for _ in range(40)]]), SIZE)
    assert refused(of_one, new) > 0.2
    assert refused(fitted, new) <= 0.1


def test_other_pictures_stay_refused(fitted):
    unseen = list(draw_others(40, size=SIZE, seed=9))
    assert refused(fitted, unseen) >= 0.95


def test_the_gate_says_what_it_refuses_of_each_source_left_out(fitted):
    assert set(fitted.judge.left_out) == {"a", "b", "c"}
    assert max(fitted.judge.left_out.values()) <= 0.1
    assert fitted.judge.others_refused >= 0.95
    assert fitted.n_images == 3 * N


def test_one_source_or_too_few_photographs_give_no_such_gate(sources, others):
    one = looks(sources["a"])
    for names in (["a"] * N, ["a"] * 20 + ["b"] * (N - 20), ["a"] * 30 + [""] * (N - 30)):
        assert fit_gate_over_sources(one, np.array(names), SIZE, framed=one, others=others) is None


def test_the_gate_survives_its_file(fitted):
    payload = json.loads(json.dumps(fitted.json()))
    fields = Fields(payload, "gate")
    assert InputGate.from_fields(fields) == fitted
    fields.done()


def test_a_gate_of_before_has_no_judge_in_its_file():
    gate = fit_gate(np.random.default_rng(0).normal(100, 10, (200, 30)).astype(np.float32), SIZE)
    assert "judge" not in gate.json()
    assert InputGate.from_fields(Fields(json.loads(json.dumps(gate.json())), "gate")) == gate


def test_a_judge_of_other_measures_is_refused(fitted):
    with pytest.raises(BundleError, match="Update lentigo"):
        dataclasses.replace(fitted.judge, weights=fitted.judge.weights[:-1])


def test_other_pictures_are_the_same_for_one_seed_and_of_many_kinds():
    first, again = list(draw_others(20, size=32, seed=4)), list(draw_others(20, size=32, seed=4))
    assert all(np.array_equal(one, other) for one, other in zip(first, again, strict=True))
    assert not np.array_equal(first[0], first[10])
