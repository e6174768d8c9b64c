import importlib
import json
import math
import os
import shutil
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from lentigo.cli import VERBS, group
from lentigo.cli._explain import _line
from lentigo.cli._reference import reference_page
from lentigo.cli._settings_reference import list_settings, settings_page
from lentigo.config import Config
from lentigo.errors import ModelError


def lentigo(*arguments, **options):
    """Run the command line in a process of its own, as a user does."""
    command = [sys.executable, "-m", "lentigo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


def invoke(*arguments):
    result = CliRunner().invoke(group, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_the_table_s_short_help_is_its_own(verb):
    command = getattr(importlib.import_module(f"lentigo.cli._{verb}"), verb)
    first_line = command.help.strip().splitlines()[0]
    assert first_line == VERBS[verb]
    assert "--help" in invoke(verb, "--help")


def test_the_reference_page_is_what_the_verbs_print(request):
    assert (request.config.rootpath / "docs" / "cli.md").read_text() == reference_page(), "run 'make docs'"


@pytest.mark.parametrize("verb", ["predict", "info"])
def test_a_model_that_is_none_gets_the_three_kinds_and_the_near_name(verb, tmp_path):
    kinds = "Give a run folder, a bundle folder, or 'lentigo'"
    (tmp_path / "why2").mkdir()
    (tmp_path / "a.jpg").touch()
    images = [tmp_path / "a.jpg"] if verb == "predict" else []
    with pytest.raises(ModelError, match=f"'lentigoo' does not exist. Did you mean 'lentigo'. {kinds}"):
        invoke(verb, "lentigoo", *images)
    with pytest.raises(ModelError, match=f"why2' is not a model: it has neither bundle.json nor config.toml. {kinds}"):
        invoke(verb, tmp_path / "why2", *images)


def test_the_settings_page_is_what_the_settings_say(request):
    assert (request.config.rootpath / "docs" / "settings.md").read_text() == settings_page(), "run 'make docs'"


def test_every_setting_says_what_it_does_and_can_be_set():
    settings = list_settings()
    assert len(settings) > 70
    assert [setting.key for setting in settings if not setting.comment] == []
    config = Config().changed({setting.key: setting.default for setting in settings})
    assert config == Config()


def test_the_settings_page_says_what_a_recipe_changes_and_no_more():
    row = next(line for line in settings_page().splitlines() if line.startswith("| `train.imbalance` | `"))
    assert row == '| `train.imbalance` | `"none"` |  |  |  | `"root"` |  |  |  |'


@pytest.mark.parametrize(
    "statement",
    [
        "import lentigo.cli; lentigo.cli.group.main(['--help'], standalone_mode=False)",
        "import lentigo.cli, lentigo.stages._evaluate, lentigo.stages._split, lentigo.study.reporting",
        "import lentigo; lentigo.open_model, lentigo.read_data, lentigo.draw_phantom, lentigo.evaluate_predictions",
    ],
)
def test_torch_is_not_loaded_where_it_is_not_needed(statement):
    code = f"{statement}; import sys; print([m for m in ('torch', 'timm', 'torchvision') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def _modules(code: str) -> set[str]:
    code = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_few_modules_beyond_those_of_click() -> None:
    # Modules are counted, not seconds: on a busy machine the same start took 4.5 and 8.1 times a bare Python's.
    own = _modules("import lentigo.cli; lentigo.cli.group.main(['--help'], standalone_mode=False)")
    beyond = own - _modules("import click")
    assert not {name.partition(".")[0] for name in beyond} & {"numpy", "pandas", "rich", "PIL", "sklearn", "matplotlib"}
    assert len(beyond) <= 30, sorted(beyond)  # 25 with Python 3.11, six of them ours


def test_an_error_is_one_sentence_on_stderr_and_exit_1(tmp_path):
    done = lentigo("train", tmp_path / "none", "--out", tmp_path / "run", "--weights", "none")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr
    debug = lentigo("--debug", "train", tmp_path / "none", "--out", tmp_path / "run", "--weights", "none")
    assert "Traceback" in debug.stderr


def test_wrong_usage_is_exit_2_and_suggests_the_nearest_verb():
    done = lentigo("trian")
    assert done.returncode == 2
    assert "Did you mean 'train'?" in done.stderr
    assert lentigo("train").returncode == 2


def test_an_unknown_setting_suggests_the_nearest(phantom, tmp_path):
    done = lentigo("train", phantom, "--out", tmp_path / "run", "--set", "train.epoch=3")
    assert done.returncode == 1
    assert "Did you mean 'epochs'?" in done.stderr


def test_resuming_with_other_options_is_refused(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    done = lentigo("train", "--out", copy, "--resume", "--set", "train.epochs=9")
    assert done.returncode == 1
    assert "was started with other settings" in done.stderr


def test_phantom_split_train_predict_evaluate_report_and_info_work_together(tmp_path):
    data, folder = tmp_path / "phantom", tmp_path / "run"
    assert "lentigo train" in invoke("phantom", "--out", data, "--images", 60, "--size", 40, "--difficulty", "easy")
    assert "train" in invoke("split", data, "--out", data / "again.csv", "--test", 0.3)
    small = ["image.size=32", "train.epochs=1", "train.batch_size=8", "evaluate.n_resamples=100", "data.task=binary"]
    settings = [word for setting in small for word in ("--set", setting)]
    printed = invoke("train", data / "again.csv", "--out", folder, "--weights", "none", *settings, "--tensorboard")
    assert "AUROC" in printed
    assert str(folder / "report.html") in printed
    assert list((folder / "tensorboard").iterdir())
    image = next((data / "images").iterdir())
    assert "malignant" in invoke("predict", folder, image)
    assert json.loads(invoke("predict", folder, image, "--json"))[0]["decision"] in ("refer", "benign-looking")
    assert "60 images, 0 unreadable" in invoke("predict", folder, data / "images", "--out", tmp_path / "p.csv")
    assert json.loads(invoke("calibrate", folder, "--sensitivity", 0.9, "--json"))["operating_points"]
    assert "support" in invoke("evaluate", folder)
    by_lesion = invoke("evaluate", folder / "predictions" / "test.csv", "--groups", folder / "manifest.csv", "--json")
    assert json.loads(by_lesion)["schema_version"] == 2
    assert str(folder / "report.html") in invoke("report", folder)
    assert json.loads(invoke("info", folder, "--json"))["epochs_done"] == 1
    assert "resnet18" in invoke("info", folder)


def test_export_info_predict_and_explain_work_together(run, photo, tmp_path):
    bundle = tmp_path / "bundle"
    printed = invoke("export", run, "--out", bundle, "--references", 20, "--data-licence", "CC0 1.0")
    assert "probabilities differ by at most" in printed
    assert "What the weights may be used for" in invoke("info", bundle)
    assert json.loads(invoke("info", bundle, "--json"))["classes"] == ["benign", "malignant"]
    by_bundle, by_run = (json.loads(invoke("predict", model, photo, "--json"))[0] for model in (bundle, run))
    assert by_bundle["malignant_probability"] == pytest.approx(by_run["malignant_probability"], abs=1e-5)
    rare = json.loads(invoke("predict", bundle, photo, "--json", "--prevalence", 0.01))[0]
    assert rare["malignant_probability"] < by_bundle["malignant_probability"]
    assert "sanity" in invoke("explain", bundle, photo, "--out", tmp_path / "why")
    assert (tmp_path / "why" / "explanations.json").is_file()


def test_explain_warns_of_a_map_that_should_not_be_relied_on(bundle_folder, photo, tmp_path, monkeypatch):
    from lentigo.model import _explain as explain
    from lentigo.model._sanity import Sanity

    for name, sanity, is_warned in (
        ("no", Sanity(0.4, 0.4, 0.5, 0.2), True),
        ("yes", Sanity(0.8, 0.3, 0.5, 0.2), False),
    ):
        monkeypatch.setattr(explain, "sanity_of", lambda *args, found=sanity: found)
        printed = invoke("explain", bundle_folder, photo, "--out", tmp_path / name)
        assert ("Do not rely on this map: covering what it marks changes the answer" in printed) is is_warned


def test_a_bad_file_alone_is_exit_1_with_its_row(run, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"")
    done = lentigo("predict", run, tmp_path / "bad.jpg")
    assert done.returncode == 1
    assert "cannot assess" in done.stdout
    done = lentigo("predict", run, tmp_path / "bad.jpg", "--out", tmp_path / "p.csv")
    assert done.returncode == 1
    assert "0 bytes" in (tmp_path / "p.csv").read_text()


def test_an_existing_output_is_not_overwritten_without_force(run, photo, tmp_path):
    (tmp_path / "p.csv").write_text("mine")
    done = lentigo("predict", run, photo, "--out", tmp_path / "p.csv")
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert (tmp_path / "p.csv").read_text() == "mine"
    assert lentigo("predict", run, photo, "--out", tmp_path / "p.csv", "--force").returncode == 0


def test_a_map_without_a_lesion_is_not_given_a_share_of_nothing():
    sanity = {"score": 0.5, "in_lesion": math.nan, "on_border": 0.1, "is_doubtful": False}
    record: dict[str, object] = {"image": "a.jpg", "error": None, "decision": "refer", "explained_class": "MEL"}
    record["sanity"] = sanity
    record |= {"similar_cases": [], "reasons": []}
    assert _line(record) == "a.jpg: refer; map for MEL, sanity +0.50, no lesion stands out"


@pytest.mark.parametrize(
    ("option", "value", "key"),
    [
        ("--epochs", "3", "train.epochs"),
        ("--size", "96", "image.size"),
        ("--batch", "8", "train.batch_size"),
        ("--lr", "0.001", "train.lr"),
        ("--device", "cpu", "train.device"),
    ],
)
def test_a_plain_option_of_train_is_its_setting_and_not_both_at_once(option, value, key, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr("lentigo.stages.train", lambda *_, config, **__: seen.append(config) or 1 / 0)
    for given in ([option, value], ["--set", f"{key}={value}"]):
        with pytest.raises(ZeroDivisionError):
            invoke("train", tmp_path, "--out", tmp_path / "run", *given)
    assert seen[0] == seen[1]
    assert seen[0] != Config()
    both = CliRunner().invoke(group, ["train", "x", "--out", "y", option, value, "--set", f" {key} ={value}"])
    assert both.exit_code == 2
    assert f"{option} and --set {key} are the same setting" in both.output


def test_options_given_beside_resume_have_to_agree_with_the_run(run):
    result = CliRunner().invoke(group, ["train", "--resume", "--out", str(run), "--epochs", "99"])
    assert "started with other settings" in str(result.exception)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete_commands(shell):
    environment = {**os.environ, "_LENTIGO_COMPLETE": f"{shell}_source"}
    done = subprocess.run([sys.executable, "-m", "lentigo"], env=environment, capture_output=True, text=True)
    assert "_LENTIGO_COMPLETE" in done.stdout
    words = {"COMP_WORDS": "lentigo ev", "COMP_CWORD": "1"}
    environment = {**os.environ, **words, "_LENTIGO_COMPLETE": "bash_complete"}
    done = subprocess.run([sys.executable, "-m", "lentigo"], env=environment, capture_output=True, text=True)
    assert done.stdout.split() == ["plain,evaluate"]


def test_the_names_of_recipes_are_completed():
    context = click.Context(group)
    option = next(one for one in group.get_command(context, "train").params if one.name == "recipe")
    found = option.shell_complete(context, "f")
    assert [one.value for one in found] == ["finetune", "features"]


@pytest.mark.parametrize(
    ("options", "shown"), [([], ["ours", "a warning of theirs"]), (["-q"], ["a warning of theirs"])]
)
def test_the_terminal_shows_what_lentigo_says_and_of_libraries_warnings_alone(options, shown):
    """In a process of its own, because pytest configures logging before the command line can."""
    program = (
        "import logging\n"
        "from lentigo.cli import group\n"
        f"group.main([*{options}, 'plan', '--sensitivity', '0.9', '--width', '0.2', '--prevalence', '0.5'],"
        " standalone_mode=False)\n"
        "logging.getLogger('lentigo.stages').info('ours')\n"
        "logging.getLogger('some_library.http').info('a line of theirs')\n"
        "logging.getLogger('some_library.http').warning('a warning of theirs')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == shown


def test_info_says_which_calibration_error_it_shows(tmp_path, monkeypatch):
    about = {"run": "tiny", "test_auroc": "0.750 [0.037, 0.996]", "test_ece": "0.472"}
    monkeypatch.setattr("lentigo.model.kind_of", lambda _: "run")
    monkeypatch.setattr("lentigo.stages.describe_run", lambda _: about)
    lines = [line.split("  ")[0] for line in invoke("info", tmp_path).splitlines()]
    assert lines == ["run", "test auroc", "test ece, top label"]
    assert json.loads(invoke("info", tmp_path, "--json")) == about  # the names in JSON stay as they were
