"""The advice to save a recipe and to add --recipe is true for every command that reads a table."""

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.config import recipe_overrides
from lentigo.errors import ConfigError

ALIASES = """\
[data]
undiagnosed = "drop"
[data.aliases]
"blob, 1.2 = big" = "NV"
[data.columns]
age = "none"
"""


class _SeenError(Exception):
    """Carries the settings that a stage would have had."""


@pytest.fixture
def aliases(tmp_path):
    path = tmp_path / "aliases.toml"
    path.write_text(ALIASES, encoding="utf-8")
    return path


def invoke(*arguments):
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


COMMANDS = {
    "split": ("split", "{data}", "--out", "{out}.csv"),
    "audit": ("audit", "{data}"),
    "evaluate": ("evaluate_external", "{bundle}", "--data", "{data}"),
    "compare": ("compare", "{bundle}", "{bundle}", "--data", "{data}"),
    "stress": ("stress", "{bundle}", "{data}", "--out", "{out}"),
    "calibrate": ("recalibrate", "{bundle}", "--data", "{data}", "--out", "{out}"),
    "embed": ("embed", "resnet18", "{data}", "--out", "{out}.npz"),
    "export": (
        "export_own",
        "{onnx}",
        "--classes",
        "NV,MEL",
        "--normalise",
        "half",
        "--val",
        "{data}",
        "--out",
        "{out}",
    ),
    "plan": ("pilot_subgroups", "--sensitivity", "0.9", "--width", "0.1", "--prevalence", "0.1", "--data", "{data}"),
    "train": ("train", "{data}", "--out", "{out}"),
    "figures": ("figures", "preds.csv", "--out", "{out}"),
    "tables": ("tables", "preds.csv", "--out", "{out}"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_recipe_file_reaches_the_settings_of_each_command_that_reads_a_table(
    command, aliases, bundle_folder, tmp_path, monkeypatch
):
    stage, *arguments = COMMANDS[command]

    def capture(*_, config, **__):
        raise _SeenError(config)

    monkeypatch.setattr(f"lentigo.stages.{stage}", capture, raising=False)
    (tmp_path / "m.onnx").touch()
    places = {"data": tmp_path, "bundle": bundle_folder, "out": tmp_path / "out", "onnx": tmp_path / "m.onnx"}
    result = invoke(command, *(text.format(**places) for text in arguments), "--recipe", aliases)
    assert isinstance(result.exception, _SeenError), result.output
    (config,) = result.exception.args
    assert config.data.aliases == {"blob, 1.2 = big": "NV"}
    assert config.data.columns == {"age": "none"}
    assert config.data.undiagnosed == "drop"


@pytest.mark.parametrize("command", ["split", "audit"])
def test_options_come_after_the_recipe_and_set_after_both(command, aliases, tmp_path, monkeypatch):
    def capture(*_, config, **__):
        raise _SeenError(config)

    stage, *arguments = COMMANDS[command]
    monkeypatch.setattr(f"lentigo.stages.{stage}", capture, raising=False)
    aliases.write_text('seed = 5\n[data]\ntask = "binary"\nak = "malignant"\n')
    given = [text.format(data=tmp_path, out=tmp_path / "out") for text in arguments]
    configs = []
    for further in ([], ["--seed", "7", "--set", "data.ak=benign"]):
        (config,) = invoke(command, *given, "--recipe", aliases, *further).exception.args
        configs.append(config)
    assert [(one.seed, one.data.task, one.data.ak) for one in configs] == [
        (5, "binary", "malignant"),
        (7, "binary", "benign"),
    ]


@pytest.mark.parametrize("command", ["evaluate", "compare", "stress", "calibrate"])
def test_the_settings_of_a_model_are_not_replaced_by_a_recipe(command, aliases, bundle_folder, tmp_path):
    aliases.write_text('[train]\nepochs = 3\n[data.aliases]\nblob = "NV"\n')
    places = {"data": tmp_path, "bundle": bundle_folder, "out": tmp_path / "out"}
    result = invoke(command, *(text.format(**places) for text in COMMANDS[command][1:]), "--recipe", aliases)
    assert result.exit_code == 2
    assert "aliases.toml sets train.epochs, but a" in result.output
    assert "has settings of its own" in " ".join(result.output.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", "a.csv", "b.csv"),
        ("calibrate", "preds.csv"),
        ("plan", "--sensitivity", "0.9", "--width", "0.1", "--prevalence", "0.1"),
    ],
)
def test_a_recipe_without_data_is_refused(arguments, aliases):
    result = invoke(*arguments, "--recipe", aliases)
    assert result.exit_code == 2
    assert "it needs --data" in " ".join(result.output.split()) or "they need --data" in " ".join(result.output.split())


def test_a_run_s_own_evaluation_takes_no_recipe(aliases, run):
    result = invoke("evaluate", run, "--recipe", aliases)
    assert result.exit_code == 2
    assert "--recipe for --data" in " ".join(result.output.split())


def test_the_lines_of_the_message_work_where_they_were_printed(tmp_path, tiny_images):
    names = ["plek een", "plek twee", "plek drie"]
    folder = tiny_images({"photos": 18})
    photos = sorted((folder / "photos").iterdir())
    rows = [f"photos/{path.name},{names[k % 3]}" for k, path in enumerate(photos)]
    table = folder / "t.csv"
    table.write_text("\n".join(["path,diagnosis", *rows]))
    refused = invoke("split", table, "--out", tmp_path / "m.csv")
    assert "add --recipe aliases.toml" in str(refused.exception)
    lines = str(refused.exception).partition("[data.aliases]")[1:]
    text = "".join(lines)
    for code in ("NV", "MEL", "BCC"):
        text = text.replace("CODE", code, 1)
    (tmp_path / "aliases.toml").write_text(text)
    done = invoke("split", table, "--out", tmp_path / "m.csv", "--recipe", tmp_path / "aliases.toml")
    assert done.exit_code == 0, done.exception
    assert (tmp_path / "m.csv").exists()


def test_predictions_and_a_raw_table_of_truth_take_a_recipe(tmp_path):
    (tmp_path / "preds.csv").write_text(
        "image,malignant\n" + "\n".join(f"p{k},0.{k + 1}" for k in range(8)), encoding="utf-8"
    )
    rows = [f"p{k},{'plek' if k % 2 else 'vlek'},nevus" for k in range(8)]
    (tmp_path / "truth.csv").write_text("\n".join(["image,Wat het is,dx", *rows]))
    (tmp_path / "r.toml").write_text(
        '[data.columns]\ndiagnosis = "Wat het is"\n[data.aliases]\nplek = "MEL"\nvlek = "NV"\n'
        "[evaluate]\nn_resamples = 100\n"
    )
    done = invoke("evaluate", tmp_path / "preds.csv", tmp_path / "truth.csv", "--recipe", tmp_path / "r.toml")
    assert done.exit_code == 0, done.exception
    assert "benign  " in done.output


def test_a_recipe_file_is_checked_and_named(tmp_path):
    (tmp_path / "r.toml").write_text("[data]\naliasses = 1\n")
    with pytest.raises(ConfigError, match=r"r\.toml: unknown key 'data\.aliasses'"):
        recipe_overrides(tmp_path / "r.toml")
    with pytest.raises(ConfigError, match=r"none\.toml does not exist"):
        recipe_overrides(tmp_path / "none.toml")
