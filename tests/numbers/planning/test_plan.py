import json

import pytest
from click.testing import CliRunner

from lentigo.cli import group
from lentigo.errors import ConfigError
from lentigo.numbers.planning import plan_study, wilson_size

PLAN = {"sensitivity": 0.95, "width": 0.05, "prevalence": 0.07}


def test_a_plan_holds_enough_malignant_lesions_at_the_prevalence():
    plan = plan_study(**PLAN)
    assert plan.n_malignant == wilson_size(0.95, width=0.05) == 304
    assert plan.n_lesions == 4343  # 304 / 0.07 = 4342.9
    assert plan.n_benign == 4343 - 304


def test_every_subgroup_gets_as_many_as_a_study_of_its_own():
    assert plan_study(**PLAN, n_groups=6).n_lesions == 6 * plan_study(**PLAN).n_lesions


def test_three_images_of_a_lesion_save_fewer_lesions_than_two_thirds():
    plan = plan_study(**PLAN, images_per_lesion=3, icc=0.5)
    assert plan.requirements[0].n_malignant == 203  # 304 x 2 / 3 = 202.7
    assert plan_study(**PLAN, images_per_lesion=3, icc=1.0).n_malignant == 304


def test_the_hardest_aim_decides():
    plan = plan_study(**PLAN, specificity=0.6, auroc=0.9, margin=0.05)
    assert len(plan.requirements) == 5
    assert plan.n_lesions == max(one.n_lesions for one in plan.requirements) == 4800  # 336 / 0.07


@pytest.mark.parametrize("wrong", [{"sensitivity": 95}, {"width": 0}, {"prevalence": 1}, {"icc": 2}, {"power": 0.4}])
def test_a_number_out_of_its_range_is_refused(wrong):
    with pytest.raises(ConfigError, match="must"):
        plan_study(**(PLAN | wrong))


def test_the_command_prints_the_numbers_with_their_sources_and_assumptions():
    words = "plan --sensitivity 0.95 --width 0.05 --prevalence 0.07 --groups 2 --margin 0.05 --images-per-lesion 2"
    printed = CliRunner().invoke(group, words.split(), catch_exceptions=False).stdout
    for part in ("in each of 2 subgroups", "Wilson (1927)", "Buderer (1996)", "Liu et al. (2002)", "Assumed", "0.5"):
        assert part in printed
    told = json.loads(CliRunner().invoke(group, [*words.split(), "--json"], catch_exceptions=False).stdout)
    assert told["n_lesions"] == told["n_malignant"] + told["n_benign"]
