import json
import math

import pytest
from click.testing import CliRunner
from PIL import Image

from lentigo.cli import group
from lentigo.errors import ConfigError
from lentigo.numbers.planning import parse_subgroups, plan_study, subgroups_of, wilson_size
from lentigo.stages import pilot_subgroups

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


def test_the_rarest_subgroup_decides_how_many_come_and_a_common_disease_saves_lesions():
    groups = subgroups_of({"light": (0.95, 0.14), "dark": (0.05, 0.07)})
    plan = plan_study(**PLAN, subgroups=groups)
    light, dark = plan.subgroups
    assert (light.n_malignant, light.n_lesions) == (304, 2172)  # 304 / 0.14 = 2171.4
    assert (dark.n_malignant, dark.n_lesions) == (304, 4343)
    assert (plan.n_groups, plan.n_lesions, plan.n_malignant) == (2, 6515, 608)
    assert plan.n_consecutive == dark.n_consecutive == 86_860  # 4343 / 0.05
    assert plan.json()["subgroups"][1]["subgroup"]["name"] == "dark"


def test_equal_shares_are_equal_to_a_number_of_subgroups():
    shared = plan_study(**PLAN, subgroups=parse_subgroups("a=0.5,b=0.5", prevalence=0.07))
    assert shared.n_lesions == plan_study(**PLAN, n_groups=parse_subgroups("2", prevalence=0.07)).n_lesions


def test_lesions_of_one_patient_count_less_and_malignant_ones_mostly_stand_alone():
    plan = plan_study(**PLAN, specificity=0.6, lesions_per_patient=10, patient_icc=0.1)
    malignant, benign = plan.requirements
    assert malignant.n_malignant == 304  # 10 x 0.07 is less than one malignant lesion of a patient
    assert benign.n_benign == math.ceil(1472 * (1 + (9.3 - 1) * 0.1))
    assert plan.n_patients == math.ceil(plan.n_lesions / 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("skin", "with --data, a column"),
        ("a=0.5,b=0.4", "add up to 0.9"),
        ("a=0.5,a=0.5", "one name and one share"),
        ("a=half,b=0.5", "'half'"),
        ("=0.5,b=0.5", "one name"),
        ("a=0,b=1", "between 0 and 1"),
    ],
)
def test_subgroups_that_cannot_be_are_named(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_subgroups(text, prevalence=0.07)


@pytest.fixture
def pilot(tmp_path):
    rows = [
        (f"I{k}", f"L{k // 2}", "male" if k % 4 < 2 else "female", "MEL" if k % 8 < 2 or k % 8 > 5 else "NV")
        for k in range(80)
    ]
    rows += [("J", "M", None, "NV")]
    lines = ["image_id,path,lesion_id,sex,diagnosis", *(f"{i},{i}.jpg,{le},{s or ''},{d}" for i, le, s, d in rows)]
    (tmp_path / "pilot.csv").write_text("\n".join(lines))
    for image, *_ in rows:
        Image.new("RGB", (8, 8)).save(tmp_path / f"{image}.jpg")
    return tmp_path / "pilot.csv"


def test_pilot_data_give_shares_and_prevalence_by_lesion(pilot, caplog):
    with caplog.at_level("WARNING", logger="lentigo"):
        female, male = pilot_subgroups(pilot, "sex")
    assert (female.name, female.share, female.prevalence) == ("female", 0.5, 0.5)
    assert (male.share, male.prevalence) == (0.5, 0.5)
    assert "1 lesion without sex" in caplog.text
    words = ["plan", "--sensitivity", "0.95", "--width", "0.05", "--prevalence", "0.07", "--groups", "sex"]
    printed = CliRunner().invoke(group, [*words, "--data", str(pilot)], catch_exceptions=False).output
    assert "female: 608 lesions, 304 malignant and 304 benign (share 0.5, prevalence 0.5)" in printed
    assert "Photographed as they come, it takes 1,216 lesions" in printed


def test_a_pilot_without_the_column_or_with_one_sided_subgroups_is_refused(pilot):
    with pytest.raises(ConfigError, match="--groups: .*no column 'skin'.*Did you mean"):
        pilot_subgroups(pilot, "skin")
    pilot.write_text(pilot.read_text().replace("female,MEL", "female,NV"))
    with pytest.raises(ConfigError, match="of 20 lesions of sex female .* 0 are malignant"):
        pilot_subgroups(pilot, "sex")
