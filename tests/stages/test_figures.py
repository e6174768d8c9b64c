import json

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.errors import ConfigError, LentigoError
from lentigo.stages import figures, tables


def test_the_command_draws_a_run_and_a_predictions_file(run, tmp_path):
    words = ["figures", str(run), "--out", str(tmp_path / "run"), "--format", "svg", "--json"]
    told = json.loads(CliRunner().invoke(group, words, catch_exceptions=False).stdout)
    assert {"roc.svg", "confusion.svg", "learning-loss.svg", "flow.svg"} <= set(told["files"])
    assert {path.name for path in (tmp_path / "run").iterdir()} == {*told["files"], "figures.json"}
    files = figures(
        run / "predictions" / "test.csv", tmp_path / "preds", formats=["svg"], groups_from=run / "manifest.csv"
    )
    assert {"roc.svg", "decision-curve.svg"} <= {path.name for path in files}
    assert "flow.svg" not in {path.name for path in files}


def test_figures_replace_figures_and_nothing_else(run, tmp_path):
    figures(run, tmp_path / "f", formats=["svg"])
    with pytest.raises(LentigoError, match="--force"):
        figures(run, tmp_path / "f", formats=["svg"])
    assert figures(run, tmp_path / "f", formats=["svg"], force=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.png").touch()
    with pytest.raises(LentigoError, match="is not a folder of figures, so --force does not overwrite it"):
        figures(run, tmp_path / "mine", formats=["svg"], force=True)


def test_an_unknown_format_a_bundle_and_options_of_another_source_are_refused(run, tmp_path):
    with pytest.raises(ConfigError, match="no format 'svgg'. Did you mean 'svg'"):
        figures(run, tmp_path / "f", formats=["svgg"])
    with pytest.raises(ConfigError, match="keeps no predictions"):
        figures("lentigo", tmp_path / "f")
    with pytest.raises(ConfigError, match="are for a predictions file"):
        figures(run, tmp_path / "f", prevalence=0.07)


def test_the_tables_of_a_run_and_of_its_predictions_are_written(run, tmp_path):
    words = ["tables", str(run), "--out", str(tmp_path / "run"), "--format", "csv,latex", "--json"]
    told = json.loads(CliRunner().invoke(group, words, catch_exceptions=False).stdout)
    assert {"cohort.csv", "performance.tex", "numbers.csv"} <= set(told["files"])
    files = tables(run / "predictions" / "test.csv", tmp_path / "preds", formats=["md"])
    assert [path.name for path in files] == ["cohort.md", "performance.md"]
