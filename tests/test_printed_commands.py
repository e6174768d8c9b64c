"""Every code block of README and docs is executed, or a reason is written down here why it is not.

Within these limits: the folders and tables that a page names (DATA, photos/, preds.csv, ...) are drawn here, the small
bundle of the tests answers in place of the shipped model, and trainings, stress tests and services are those of the
tests that are named below. A command has to end with 0, and every file that its comment names has to lie there then.
"""

import csv
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.phantoms import draw_phantom

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
COMMANDS = "tests/test_printed_commands.py::test_the_commands_of_a_page_run_as_printed"
# By page and language: the test that executes the blocks and compares them with what they print, or why none does.
HOW = {
    ("README.md", "console"): COMMANDS,
    ("README.md", "python"): "tests/test_documents.py::test_the_readme_session_prints_what_it_says",
    ("README.md", "text"): "tests/test_readme.py::test_the_tree_names_every_module",
    ("CONTRIBUTING.md", "console"): "not executed: make test is what runs this test, and .ci/run runs the lines",
    ("docs/bundle.md", ""): "tests/stages/test_export_own.py::"
        "test_the_command_exports_a_model_and_refuses_its_options_for_runs",
    ("docs/performance.md", "console"): "tests/model/test_openvino.py::"
        "test_bfloat16_is_a_cascade_whose_decisions_are_those_of_float32",
    ("docs/calibration.md", "console"): COMMANDS,
    ("docs/columns.md", "console"): "tests/stages/test_fuse.py::"
        "test_a_run_and_its_bundle_answer_alike_from_a_table_under_other_names",
    ("docs/columns.md", "python"): "tests/stages/test_fuse.py::"
        "test_a_run_and_its_bundle_answer_alike_from_a_table_under_other_names",
    ("docs/commands.md", "console"): COMMANDS,
    ("docs/data.md", "console"): "not executed: needs a network; tests/data/fetching asks a server on this machine",
    ("docs/data.md", "python"): "tests/test_documents.py::test_the_manifest_block_of_the_data_page_runs_as_it_stands",
    ("docs/data.md", ""): "tests/test_printed_commands.py::"
        "test_the_line_about_columns_is_printed_as_the_page_shows_it",
    ("docs/dicom.md", "console"): "tests/service/dicom/test_page.py::"
        "test_the_first_line_of_the_page_answers_a_folder_of_dicom",
    ("docs/dicom.md", "text"): "tests/service/dicom/test_answers.py::"
        "test_the_page_shows_a_report_as_dsrdump_shows_it",
    ("docs/dicom.md", "python"): "tests/service/dicom/test_page.py::test_the_python_block_of_the_page_runs",
    ("docs/dicom.md", "json"): "tests/service/dicom/test_orthanc.py::"
        "test_orthanc_forwards_a_photograph_and_files_report_and_overlay_beside_it",
    ("docs/dicom.md", "lua"): "tests/service/dicom/test_orthanc.py::"
        "test_orthanc_forwards_a_photograph_and_files_report_and_overlay_beside_it",
    ("docs/differences.md", "console"): "not executed: measurements of many minutes on real photographs",
    ("docs/embeddings.md", "console"): "not executed: needs features of a foundation model",
    ("docs/embeddings.md", "python"): "not executed: needs features of a foundation model",
    ("docs/experiments.md", "console"): "not executed: a log of what was run, by the options of its day",
    ("docs/how-to.md", "console"): COMMANDS,
    ("docs/install.md", "console"): "not executed: needs a network; tests/test_installing.py checks the extras",
    ("docs/many-gpus.md", "console"): "not executed: needs GPUs; stages/test_many_ranks.py starts torchrun on CPUs",
    ("docs/python.md", "python"): "tests/stages/test_estimator.py::"
        "test_it_predicts_one_row_per_path_with_the_labels_it_was_given",
    ("docs/scoring.md", "console"): COMMANDS,
    ("docs/serving.md", "console"): "tests/service/http/test_client.py::test_the_blocks_of_the_serving_page_run",
    ("docs/serving.md", "python"): "tests/service/http/test_client.py::test_the_blocks_of_the_serving_page_run",
    ("docs/serving.md", "text"): "tests/service/http/test_deploy.py::"
        "test_the_triton_recipe_has_the_names_and_types_of_the_network",
    ("docs/settings.md", "console"): "not executed: trainings of many epochs; the settings are read by the next one",
    ("docs/settings.md", "toml"): "tests/test_printed_commands.py::test_the_recipe_of_the_settings_page_is_read",
    ("docs/tutorial.md", "console"): "not executed: benchmarks/tutorial.py runs it and writes what it prints",
    ("docs/weights.md", "python"): "not executed: needs files of others; tests/training/weights makes them",
}  # fmt: skip
PAGES = [page for (page, language), how in HOW.items() if how == COMMANDS and language == "console"]
# Why a line of these pages is not run here: the first pattern that it matches.
ELSEWHERE = {
    r"^(make|curl|RAY_USAGE)": "another program",
    r"^lentigo train .*--resume": "tests/stages/test_train.py::"
        "test_a_process_killed_with_9_resumes_to_the_same_weights",
    r"^lentigo train .*--recipe auto": "tests/stages/test_auto.py::"
        "test_a_run_keeps_what_was_chosen_and_how_long_it_took",
    r"^lentigo train .*--sweep": "tests/stages/test_sweep.py::test_the_command_prints_the_table_and_the_best",
    r"^lentigo train .*--log-to": "tests/stages/test_callbacks.py::"
        "test_mlflow_gets_settings_curves_figures_and_the_card_and_a_resumed_run_goes_on",
    r"^lentigo (push|pull)": "tests/model/test_hub.py::test_the_commands_say_where_it_lies",
    r"^lentigo train .*probe": "tests/stages/test_train.py::test_a_probe_and_several_diagnoses_go_the_same_way",
    r"^lentigo train .*fold_by|left_out": "tests/stages/test_held_out.py::"
        "test_every_source_is_measured_by_a_network_that_did_not_learn_from_it",
    r"^lentigo train": "tests/stages/test_train.py::test_one_call_leaves_everything_the_design_names",
    r"^lentigo serve": "tests/service/http/test_process.py::test_a_killed_worker_costs_nothing_but_what_it_held",
    r"--engine ray": "tests/service/scoring/test_on_ray.py::"
        "test_ray_gives_the_rows_of_the_local_engine_harmful_images_included",
    r"^lentigo stress run": "tests/stages/test_stress.py::"
        "test_stress_from_the_command_line_writes_json_and_page_and_prints_the_worst_first",
    r"^lentigo stress": "tests/stages/test_stress.py::test_a_bundle_is_stressed_as_its_run_is",
    r"^lentigo predict .*--features": "tests/stages/test_features.py::"
        "test_run_and_bundle_answer_alike_and_the_bundle_knows_what_is_unlike_training",
    r"^lentigo predict .*--by-lesion": "tests/stages/test_by_lesion.py::"
        "test_a_bundle_answers_a_lesion_once_as_the_evaluation_of_its_run_did",
    r"^lentigo fuse": "tests/stages/test_fuse.py::test_the_command_names_columns_or_the_image_alone",
    r"^lentigo predict bundle new.csv": "tests/stages/test_fuse.py::"
        "test_a_run_and_its_bundle_answer_alike_from_a_table_under_other_names",
    r"--by-lesion": "tests/stages/test_lesions.py::"
        "test_lesions_are_evaluated_beside_images_by_the_rule_that_validation_chose",
    r"^lentigo compare run other-run preds": "tests/stages/test_leaderboard.py::"
        "test_the_command_prints_a_leaderboard_or_json_for_three_and_the_comparison_for_two",
    r"^lentigo ablate": "tests/numbers/evaluation/test_ablation.py::"
        "test_the_command_takes_a_predictions_file_with_its_manifest",
    r"^lentigo doctor": "tests/stages/test_doctor.py::"
        "test_the_time_of_a_thousand_photographs_is_measured_with_the_shipped_model",
}  # fmt: skip


def blocks() -> Iterator[tuple[str, str, str]]:
    """Yield page, language and content of every code block; cli.md and api.md are written by lentigo."""
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))):
        if path.name not in {"cli.md", "api.md"}:
            for language, block in BLOCK.findall(path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT).as_posix(), language, block


def lines_of(page: str) -> list[tuple[str, str]]:
    """Return the command lines of a page, each with its comment."""
    found = []
    for where, language, block in blocks():
        if (where, language) == (page, "console"):
            for line in block.replace("\\\n", " ").splitlines():
                command, _, comment = line.partition(" #")
                found += [(command.strip(), comment.strip())] if command.strip() else []
    return found


def why_not(command: str) -> str:
    return next((reason for pattern, reason in ELSEWHERE.items() if re.search(pattern, command)), "")


def test_every_block_is_executed_or_it_is_said_why_not():
    assert {(page, language) for page, language, _ in blocks()} == set(HOW)
    named = [how for how in (*HOW.values(), *ELSEWHERE.values()) if "::" in how]
    for how in named:
        path, _, test = how.partition("::")
        assert re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), how


@pytest.fixture(scope="module")
def place(tmp_path_factory, phantom, run, bundle_folder, make_dicom) -> Path:
    """A folder with everything that the pages name."""
    here = tmp_path_factory.mktemp("printed")
    hospital = {"n_images": 90, "size": 48, "difficulty": "easy", "seed": 7, "diagnoses": ("MEL", "NV")}
    other = draw_phantom(here / "other-hospital", **hospital)
    for name in ("yours", "clinic", "DATA"):
        shutil.copytree(other, here / name)
    shutil.copytree(run, here / "run")
    shutil.copytree(run, here / "other-run")
    shutil.copytree(bundle_folder, here / "small")
    photos = sorted((other / "images").iterdir())[:5]
    shutil.copy(photos[0], here / "photo.jpg")
    for folder in ("photos", "dicom-study"):
        (here / folder).mkdir()
    for photo in photos:
        shutil.copy(photo, here / "photos")
    (here / "dicom-study" / "a.dcm").write_bytes(make_dicom())
    (here / "list.txt").write_text("".join(f"{photo}\n" for photo in photos))
    for name, source in {"preds": "test", "test": "test", "val": "val"}.items():
        shutil.copy(run / "predictions" / f"{source}.csv", here / f"{name}.csv")
    _write_tables(here, phantom)
    return here


def _write_tables(here: Path, phantom: Path) -> None:
    with (phantom / "metadata.csv").open(newline="") as stream:
        known = list(csv.DictReader(stream))
    images = {path.stem: path for path in (phantom / "images").iterdir()}
    rows = [f"{row['image_id']},{images[row['image_id']]},{row['lesion_id']}\n" for row in known]
    (here / "manifest.csv").write_text("image_id,path,lesion_id\n" + "".join(rows))
    own = [f"{images[row['image_id']]},{row['diagnosis']},{row['patient_id']}\n" for row in known]
    (here / "table.csv").write_text("path,histology,case\n" + "".join(own))
    groups = "".join(f"{row['lesion_id']},{row['image_id']},nv,histo,40,male,back\n" for row in known)
    (here / "HAM10000_metadata.csv").write_text("lesion_id,image_id,dx,dx_type,age,sex,localization\n" + groups)
    rng, codes = np.random.default_rng(0), ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC")
    said, truth = ([f"image,{','.join(codes)}"] for _ in range(2))
    for n in range(60):
        true = n % 8
        chances = rng.dirichlet(np.ones(8) + 3 * np.eye(8)[true])
        said.append(f"ISIC_{n:07}," + ",".join(f"{chance:.6f}" for chance in chances))
        truth.append(f"ISIC_{n:07}," + ",".join(str(float(k == true)) for k in range(8)))
    (here / "submission.csv").write_text("\n".join(said) + "\n")
    (here / "ISIC_2019_Test_GroundTruth.csv").write_text("\n".join(truth) + "\n")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_as_printed(page, place, monkeypatch):
    monkeypatch.chdir(place)
    shutil.rmtree(place / "ours", ignore_errors=True)  # another page's
    shutil.rmtree(place / "bundle", ignore_errors=True)
    shutil.copytree(place / "small", place / "bundle")
    n_run, before = 0, {command for other in PAGES[: PAGES.index(page)] for command, _ in lines_of(other)}
    for command, comment in lines_of(page):
        if not command.startswith("lentigo ") or why_not(command) or command in before:
            continue
        if command.startswith("lentigo score") and "--resume" in command:  # as after an interruption
            CliRunner().invoke(group, _arguments(command.replace(" --resume", ""), place))
            (place / "scores" / "score.json").unlink()
        done = CliRunner().invoke(group, _arguments(command, place))
        assert done.exit_code == 0, (command, done.output, done.stderr)
        n_run += 1
        for name in re.findall(r"[\w./-]+\.(?:html|md|csv)\b", comment):
            if not (ROOT / "docs" / name).exists():  # a page to read
                assert (place / name).is_file() or (place / "run" / name).is_file(), (command, name)
    assert n_run >= 2


def _arguments(command: str, place: Path) -> list[str]:
    """Return a printed command's arguments, with the small bundle for the shipped model, and as small as can be."""
    _, verb, *given = shlex.split(command)
    given = ["small" if one == "lentigo" else one.replace("/shared/", f"{place}/") for one in given]
    more = {
        "audit": ["--force"],
        "split": ["--force"],
        "score": ["--workers", "1"],
    }
    if verb == "predict":  # preds.csv is a file with truths already
        given = [one.replace("preds.csv", "said.csv") for one in given] + ["--force"]
    if verb == "export":
        given += ["--force"]
    if verb in {"explain", "figures", "tables", "evaluate"} and "--out" in given:
        given += ["--force"]
    if verb == "score" and "--resume" not in given:
        shutil.rmtree(place / "scores", ignore_errors=True)
    return [verb, *given, *more.get(verb, [])]


def test_the_line_about_columns_is_printed_as_the_page_shows_it(tmp_path, caplog):
    from lentigo.data.sources import read_data

    (line,) = [block for page, language, block in blocks() if (page, language) == ("docs/data.md", "")]
    (tmp_path / "a.jpg").touch()
    (tmp_path / "b.jpg").touch()
    head, rows = "image,dx,age,Pat-Nr,ward,camera_setting", "a,nv,40,1,A,x\nb,mel,50,2,B,y\n"
    (tmp_path / "metadata.csv").write_text(f"{head}\n{rows}")
    with caplog.at_level("INFO"):
        read_data(tmp_path)
    assert line.strip() in [record.getMessage().removeprefix(f"{tmp_path}/") for record in caplog.records]


def test_the_recipe_of_the_settings_page_is_read(tmp_path):
    from lentigo.config import load_config

    (text,) = [block for page, language, block in blocks() if (page, language) == ("docs/settings.md", "toml")]
    (tmp_path / "mine.toml").write_text(text)
    config = load_config(tmp_path / "mine.toml")
    assert (config.image.size, config.train.epochs, config.train.imbalance) == (224, 30, "root")
    assert config.data.aliases == {"mole": "NV"}
