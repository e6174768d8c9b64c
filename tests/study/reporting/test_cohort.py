"""The data: sums of the flow, classes by split, and metadata only where there are any."""

from dataclasses import replace

from lentigo.study.reporting._cohort import class_rows, cohort_rows, flow_of, histology_share
from lentigo.study.reporting._inputs import RunFacts


def with_flow(inputs, *steps: tuple[str, int]) -> RunFacts:
    return RunFacts.of(replace(inputs, flow=[{"step": step, "n_images": n} for step, n in steps]))


def test_flow_counts_down_to_the_splits(binary_facts) -> None:
    flow = flow_of(binary_facts)
    assert flow.steps == (("found", 162, 162), ("unreadable", -2, 160))
    assert [(box.title, box.n_images) for box in flow.splits] == [("Training", 40), ("Validation", 40), ("Test", 80)]
    assert flow.gap == 0


def test_step_that_leaves_out_nothing_changes_nothing(binary) -> None:
    flow = flow_of(with_flow(binary, ("found", 160), ("unreadable", 0)))
    assert flow.steps[-1] == ("unreadable", 0, 160)
    assert flow.gap == 0


def test_images_that_vanish_are_counted(binary) -> None:
    assert flow_of(with_flow(binary, ("found", 165), ("unreadable", -2))).gap == 3


def test_flow_may_be_empty(binary) -> None:
    flow = flow_of(with_flow(binary))
    assert (flow.steps, flow.gap) == ((), 0)


def test_boxes_count_lesions_where_they_are_known(binary_facts, seven_facts) -> None:
    assert {box.details for box in flow_of(binary_facts).splits} == {""}
    n_lesions = seven_facts.inputs.manifest.subset("train").table["lesion_id"].nunique()
    assert flow_of(seven_facts).splits[0].details == f"{n_lesions} lesions"


def test_classes_are_counted_by_split(seven_facts) -> None:
    rows = {row.code: row for row in class_rows(seven_facts)}
    assert rows["MEL"].cells == ("20 (14%)", "20 (14%)", "40 (14%)", "80 (14%)")
    assert (rows["MEL"].label, rows["MEL"].side, rows["NV"].side) == ("melanoma", "malignant", "benign")
    assert rows[""].cells == ("140", "140", "280", "560")


def test_nothing_is_said_of_metadata_that_are_not_there(binary_facts) -> None:
    assert cohort_rows(binary_facts.inputs.manifest) == []


def test_metadata_are_summed_up(seven_facts) -> None:
    rows = {row.label: row.cells for row in cohort_rows(seven_facts.inputs.manifest)}
    assert rows["female"][3] == "50%"
    assert rows["lower extremity"][3] == "33%"
    assert rows["age, median (quartiles)"][3] == "45 (20 to 65)"


def test_rare_values_are_put_together(make_manifest) -> None:
    sites = [f"site {place % 12:02d}" for place in range(160)]
    labels = [row.label for row in cohort_rows(make_manifest(site=sites))]
    assert labels[-9] == "site"
    assert labels[-1] == "5 others"


def test_share_of_histology_is_that_of_the_test(binary_facts, seven_facts) -> None:
    assert histology_share(seven_facts.inputs.manifest) == "50%"
    assert histology_share(binary_facts.inputs.manifest) is None


def test_a_cohort_of_two_sides_lists_the_diagnoses_behind_them(binary, seven) -> None:
    table = binary.manifest.table.assign(diagnosis=["MEL" if k % 2 else "NV" for k in range(len(binary.manifest))])
    named = cohort_rows(replace(binary.manifest, table=table))
    assert [row.label for row in named].index("diagnosis") < [row.label for row in named].index("MEL")
    assert not any(row.label == "diagnosis" for row in cohort_rows(seven.manifest))
    assert not any(row.label == "diagnosis" for row in cohort_rows(binary.manifest))
