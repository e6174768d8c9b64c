"""The recipe that chooses: what it takes for which budget, what it keeps, and what it records."""

import dataclasses
import itertools

import pytest

from lentigo.config import load_config
from lentigo.errors import ConfigError
from lentigo.stages import _auto as auto
from lentigo.stages import _prepare as preparing
from lentigo.stages import _train_any as training
from lentigo.stages import train
from lentigo.stages._auto import TimeBudget, choose
from lentigo.stages._auto_plans import ImageCounts, TrainingPlan, ladder, seconds_of_plan, wanted_epochs
from lentigo.stages._durations import seconds_of
from lentigo.storage import read_json
from lentigo.training import Speed, measure_speed

ISIC = ImageCounts(2077, 560, 660, 2, 800)
SLOW = Speed(160, 0.04, 0.01, 0.01, 0.5)  # two CPU cores


@pytest.fixture
def chosen_for(phantom, monkeypatch):
    """What is chosen as on two slow cores with as many images as isic-binary, and which sizes were measured."""
    monkeypatch.setattr(auto, "_count_and_time", lambda manifest, config: (ISIC, 0.01))
    measured = []

    def make(budget, *changes, recipe="auto", kept=None):
        measured.clear()
        config = load_config(recipe, overrides=["model.weights=lentigo", *changes])
        kept = None if kept is None else [*kept, "model.weights"]
        found = choose([phantom], config, TimeBudget.of(budget, kept=kept),
                       measure=lambda size: measured.append(size) or SLOW.at(size))  # fmt: skip
        return found, list(measured)

    return make


def test_more_time_never_gives_a_poorer_plan_and_the_plan_fits(chosen_for):
    config = load_config("auto")
    rungs = ladder(config, ISIC, frozenset())
    places = []
    for budget in ("3m", "6m", "15m", "30m", "1h", "2h", "6h"):
        found, measured = chosen_for(budget)
        assert found.plan.size in measured
        assert found.expected_s <= found.budget_s
        places.append(
            next(
                place
                for place, rung in enumerate(rungs)
                if (rung.method, rung.size, rung.folds) == (found.plan.method, found.plan.size, found.plan.folds)
            )
        )
    assert places == sorted(places, reverse=True)
    assert (rungs[places[0]].method, rungs[places[-1]].folds) == ("probe", 5)


def test_the_time_that_is_left_goes_into_epochs(chosen_for):
    plans = [chosen_for(budget)[0].plan for budget in ("20m", "25m", "30m", "35m", "40m")]
    for one, other in itertools.pairwise(plans):
        if (one.size, one.folds) == (other.size, other.folds):
            assert one.epochs < other.epochs
    found, _ = chosen_for("30m")
    assert found.expected_s > 0.75 * found.budget_s
    assert found.config.train.epochs == found.plan.epochs


def test_a_budget_that_is_too_small_names_the_least_one_and_that_one_is_enough(chosen_for):
    with pytest.raises(
        ConfigError, match=r"20 s are too little for 3,297 images.*Give --time-budget \d+[ms] or more"
    ) as said:
        chosen_for("20s")
    least = str(said.value).partition("--time-budget ")[2].split()[0]
    assert chosen_for(least)[0].plan.method == "probe"


def test_what_the_user_has_set_stays(chosen_for):
    found, measured = chosen_for("30m", "image.size=128", "train.folds=0", kept=["image.size", "train.folds"])
    assert (found.plan.size, found.plan.folds, measured) == (128, 0, [128])
    same, _ = chosen_for("30m", "image.size=128")  # without names, what differs from the recipe is kept
    assert same.plan.size == 128
    fixed, _ = chosen_for("30m", "train.epochs=12", kept=["train.epochs"])  # the default, but said
    assert fixed.plan.epochs == 12
    with pytest.raises(ConfigError, match=r"does not support train\.view_epochs"):
        chosen_for("30m", "train.view_epochs=2")


def test_it_says_what_was_chosen_why_and_what_more_time_would_bring(chosen_for):
    found, _ = chosen_for("10m")
    text = " ".join(found.sentences())
    assert "Chosen for 10 min: fine-tuning at " in text
    assert "2,077 training, 560 validation and 660 test images" in text
    assert "as just measured" in text
    assert f"it would be {found.better[0].sentence}" in text
    assert found.better[1] > found.budget_s * 0.8


def test_few_images_get_more_epochs_and_a_rare_class_no_folds():
    assert wanted_epochs(dataclasses.replace(ISIC, train=320), 32) == 40
    rare = ladder(load_config("auto"), dataclasses.replace(ISIC, rarest=9), frozenset())
    assert {rung.folds for rung in rare} == {0}
    from_nothing = ladder(load_config("auto", overrides=["model.weights=none"]), ISIC, frozenset())
    assert {rung.method for rung in from_nothing} == {"finetune"}


def test_the_cost_counts_networks_epochs_and_views():
    config = load_config("auto")
    one = seconds_of_plan(TrainingPlan("finetune", 160, 10, 0), config, ISIC, SLOW, 0.0)
    more = seconds_of_plan(TrainingPlan("finetune", 160, 11, 0), config, ISIC, SLOW, 0.0)
    assert more - one == pytest.approx(64 * 32 * 0.04 + 560 * 0.01 + 0.5)  # 64 whole batches
    five = seconds_of_plan(TrainingPlan("finetune", 160, 10, 5), config, ISIC, SLOW, 0.0)
    assert 5 * 10 * 2096 * 0.04 < five - one + 10 * 64 * 32 * 0.04 < 6 * 10 * 2110 * 0.04


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1h30m", 5400), (45, 45)])
def test_spans_of_time_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["30", "soon", "", "-5m", "0s", float("nan")])
def test_what_is_no_span_of_time_is_refused_with_an_example(text):
    with pytest.raises(ConfigError, match="with its unit: 90s, 30m"):
        seconds_of(text)


def test_a_budget_for_another_recipe_is_refused(phantom, tiny, tmp_path):
    with pytest.raises(ConfigError, match="Use --recipe auto"):
        train(phantom, tmp_path / "run", config=tiny, time_budget="30m")
    with pytest.raises(ConfigError, match="is for photographs"):
        train(phantom, tmp_path / "run", features="emb.parquet", time_budget="30m")


def test_the_machine_is_measured_by_real_steps(tiny_config_auto):
    speed = measure_speed(tiny_config_auto, 2, seconds=0.0)
    assert speed.size == 32
    assert min(speed.step_s, speed.validate_s, speed.predict_s, speed.checkpoint_s) > 0


@pytest.fixture
def tiny_config_auto():
    small = ["image.size=32", "model.weights=none", "train.batch_size=16", "train.device=cpu"]
    return load_config("auto", overrides=small)


def test_a_run_keeps_what_was_chosen_and_how_long_it_took(phantom, tiny_config_auto, tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(training, "choose", lambda *given: calls.append(given) or auto.choose(
        *given, measure=lambda size: Speed(size, 1e-3, 1e-4, 1e-4, 1e-3)))  # fmt: skip
    read_once, n_read = preparing.read_data, []
    monkeypatch.setattr(preparing, "read_data", lambda *given, **how: n_read.append(1) or read_once(*given, **how))
    config = tiny_config_auto.changed({"data.task": "binary", "train.epochs": 1})
    budget = TimeBudget.of("10m", kept=["image.size", "train.folds", "train.epochs", "model.weights"])
    run = train(phantom, tmp_path / "run", config=config, time_budget=budget, stops_before_test=True)
    assert (run.config().recipe, run.config().image.size, run.config().train.epochs) == ("auto", 32, 1)
    assert len(n_read) == 1  # the table that was counted is the one that is trained on
    kept = read_json(run.environment_path)["auto"]
    assert kept["plan"] == {"method": "finetune", "size": 32, "epochs": 1, "folds": 0}
    assert (kept["budget_s"], kept["images"]["train"] > 0, kept["took_s"] >= 0) == (600, True, True)
    again = train(None, run.folder, resume=True, stops_before_test=True)  # measures nothing again
    assert (again.config(), len(calls)) == (run.config(), 1)
