import dataclasses
import typing

import pytest

from lentigo.config import RECIPES, Config, load_config
from lentigo.config._ranges import RANGES
from lentigo.errors import ConfigError


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_shipped_recipe_loads_and_survives_a_round_trip(recipe, tmp_path):
    config = load_config(recipe, overrides=["data.aliases.mole=NV", "calibrate.sensitivities=[0.9, 0.95]"])
    path = tmp_path / "config.toml"
    path.write_text(config.to_toml())
    assert Config.read(path) == config
    assert config.recipe == recipe


def test_the_baseline_is_the_plain_recipe():
    config = load_config("baseline")
    assert (config.train.optimizer, config.train.layer_decay, config.train.ema_decay) == ("adam", 1.0, 0.0)
    changes = dataclasses.asdict(config.augment)
    assert not any(changes.values())


def test_a_recipe_may_be_a_file_of_ones_own(tmp_path):
    (tmp_path / "mine.toml").write_text("[train]\nepochs = 2\n")
    config = load_config(str(tmp_path / "mine.toml"))
    assert (config.recipe, config.train.epochs) == ("mine", 2)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.epoch=3", r"unknown key 'train\.epoch'\. Did you mean 'epochs'\?"),
        ("trian.epochs=3", r"unknown section 'trian'.* Did you mean 'train'\?"),
        ("train.epochs=1.5", r"train\.epochs is 1\.5; expected int"),
        ("train.epochs=true", r"train\.epochs is True; expected int"),
        ("augment.flips=1", r"augment\.flips is 1; expected bool"),
        ("train.lr=0", r"train\.lr is 0\.0; it must lie between 1e-09 and 10"),
        ("train.lr=nan", r"train\.lr is nan; it must lie between"),
        ("image.max_pixels=0", r"image\.max_pixels is 0; it must lie between 256 and"),
        ("image.max_bytes=1", r"image\.max_bytes is 1; it must lie between"),
        ("image.std=[0, 1, 1]", r"image\.std is 0\.0; it must lie between"),
        ("train.epochs=0", r"train\.epochs is 0; it must lie between 1 and"),
        ("train.optimizer=sgd", r"train\.optimizer is 'sgd'.*Choose from: adamw, adam"),
        ("image.mean=[0.5]", r"image\.mean and image\.std need three numbers"),
        ("image.mean=3", r"image\.mean is 3; expected tuple"),
        ("evaluate.age_bins=[60, 40]", r"evaluate\.age_bins is \[60, 40\]\. Give ages that rise"),
        ("evaluate.age_bins=[]", r"evaluate\.age_bins is \[\]\. Give ages that rise"),
        ("evaluate.subgroups=['sex', 'sex']", r"evaluate\.subgroups contains a column twice"),
        ("evaluate.subgroups=[3]", r"evaluate\.subgroups is 3; expected str"),
        ("train=3", r"train is 3; expected a table"),
        ("train.epochs", r"expected section\.key=value"),
        ("predict.views=3", r"predict\.views is 3.*Choose from: 1, 8"),
        ("calibrate.sensitivities=[]", r"calibrate\.sensitivities is empty"),
        ("calibrate.sensitivities=[0.9, 0.9]", r"contains a value twice"),
        ("probe.penalties=[]", r"probe\.penalties is empty"),
        ("probe.penalties=[0]", r"probe\.penalties is 0"),
        ("predict.batch_size=0", r"predict\.batch_size is 0"),
        ("train.clip_norm=-1", r"train\.clip_norm is -1"),
        ("seed=-1", r"seed is -1"),
    ],
)
def test_a_wrong_setting_is_one_sentence(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config(overrides=[override])


def test_every_number_among_the_settings_has_a_range_and_every_range_a_number():
    sections = {"": Config(), **{entry.name: getattr(Config(), entry.name) for entry in dataclasses.fields(Config)}}
    for section, record in sections.items():
        if dataclasses.is_dataclass(record):
            hints = typing.get_type_hints(type(record))
            numbers = {name for name, hint in hints.items() if hint in (int, float, tuple[float, ...], tuple[int, ...])}
            assert set(RANGES.get(section, {})) == numbers, section


@pytest.mark.parametrize("section", [section for section in RANGES if section])
def test_both_ends_of_every_range_are_settings_and_what_lies_beyond_is_refused(section):
    for name, (low, high) in RANGES[section].items():
        hint = typing.get_type_hints(type(getattr(Config(), section)))[name]
        is_list = hint in (tuple[float, ...], tuple[int, ...])
        for value in (low - 1, high * 2 + 1):
            wrong = {f"{section}.{name}": [value] * 3 if is_list else value}
            with pytest.raises(ConfigError, match=rf"{section}\.{name} is .*must lie between"):
                Config().changed(wrong)


def test_a_file_of_aliases_has_the_name_of_the_recipe_that_it_builds_on(tmp_path):
    (tmp_path / "aliases.toml").write_text('[data.aliases]\nblob = "NV"\n')
    config = load_config(str(tmp_path / "aliases.toml"))
    assert (config.recipe, config.data.aliases) == ("finetune", {"blob": "NV"})
    assert config == load_config(overrides=["data.aliases.blob=NV"])


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_file_that_names_a_recipe_builds_on_it(recipe, tmp_path):
    (tmp_path / "mine.toml").write_text(f'recipe = "{recipe}"\n[data.aliases]\nblob = "NV"\n[train]\nepochs = 2\n')
    config = load_config(str(tmp_path / "mine.toml"))
    assert config == load_config(recipe, overrides=["data.aliases.blob=NV", "train.epochs=2"])


def test_the_default_settings_are_the_default_recipe():
    assert Config() == load_config() == load_config("finetune")


def test_label_smoothing_and_class_weights_are_not_combined():
    with pytest.raises(ConfigError, match="distort probabilities together"):
        load_config(overrides=["train.label_smoothing=0.1", "train.imbalance=weights"])


def test_an_unknown_recipe_suggests_the_nearest():
    with pytest.raises(ConfigError, match="unknown recipe 'finetun'. Did you mean 'finetune'"):
        load_config("finetun")


def test_broken_toml_names_its_file(tmp_path):
    (tmp_path / "a.toml").write_text("x = ")
    with pytest.raises(ConfigError, match=r"a\.toml is not valid TOML"):
        load_config(str(tmp_path / "a.toml"))
    with pytest.raises(ConfigError, match="does not exist"):
        Config.read(tmp_path / "none.toml")


def test_runs_of_before_colour_profiles_keep_the_pixels_that_they_learned_from(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(Config().to_toml())
    assert Config.read(path).image.colour_profiles == "srgb"
    path.write_text("".join(line for line in Config().to_toml().splitlines(keepends=True) if "colour_pro" not in line))
    assert Config.read(path).image.colour_profiles == "ignore"
    path.write_text("seed = 3\n")
    assert Config.read(path).image.colour_profiles == "ignore"
