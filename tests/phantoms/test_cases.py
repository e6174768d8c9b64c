import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lentigo.phantoms import sample_lesion
from lentigo.phantoms._cases import DIFFICULTIES
from lentigo.phantoms._truth import DIAGNOSES

N = 150


def sample(difficulty, code):
    return [sample_lesion(code, seed=seed, difficulty=difficulty) for seed in range(N)]


def separation(difficulty, value):
    melanomas, nevi = (np.array([value(t) for t in sample(difficulty, code)]) for code in ("MEL", "NV"))
    return roc_auc_score(np.repeat([1, 0], N), np.concatenate([melanomas, nevi]))


@pytest.mark.parametrize("code", DIAGNOSES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_every_diagnosis_can_be_sampled_and_repeats_with_its_seed(code, difficulty):
    lesion = sample_lesion(code, seed=4, difficulty=difficulty)
    assert lesion == sample_lesion(code, seed=4, difficulty=difficulty)
    assert lesion != sample_lesion(code, seed=5, difficulty=difficulty)
    assert lesion.diagnosis == code


def test_signs_separate_less_as_the_difficulty_rises():
    easy, normal, hard = (separation(difficulty, lambda t: t.border) for difficulty in ("easy", "normal", "hard"))
    assert easy > 0.99 > normal > 0.85 > hard > 0.6


@pytest.mark.parametrize("difficulty", ["normal", "hard"])
@pytest.mark.parametrize("name", ["contrast", "diameter_mm", "elongation"])
def test_size_and_darkness_say_nothing_unless_it_is_easy(difficulty, name):
    assert separation(difficulty, lambda t: getattr(t, name)) == pytest.approx(0.5, abs=0.1)


def test_darkness_gives_an_easy_lesion_away():
    assert separation("easy", lambda t: t.contrast) > 0.99


def test_melanomas_have_more_colours_than_nevi_on_average():
    assert separation("normal", lambda t: len(t.colours)) > 0.65


def test_untypical_lesions_are_rare_when_normal_and_frequent_when_hard():
    def share(difficulty):
        return np.mean([t.structures == ("typical_network",) for t in sample(difficulty, "MEL")])

    assert share("easy") == 0 < share("normal") < 0.08 < share("hard") < 0.4
