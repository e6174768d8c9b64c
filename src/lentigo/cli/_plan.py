"""`lentigo plan`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lentigo.cli._options import as_json, print_json, recipe_file, with_recipe
from lentigo.wording import counted

if TYPE_CHECKING:
    from lentigo.numbers.planning import StudyPlan


@click.command()
@click.option("--sensitivity", type=float, required=True, help="Expected sensitivity, such as 0.95.")
@click.option(
    "--width", type=float, required=True, help="Full width of every interval, from lower to upper end, such as 0.05."
)
@click.option("--prevalence", type=float, required=True, help="Share of malignant lesions in the study, such as 0.07.")
@click.option("--specificity", type=float, help="Expected specificity; its interval is then planned as well.")
@click.option("--auroc", type=float, help="Expected AUROC; its interval is then planned as well.")
@click.option("--confidence", type=float, default=0.95, show_default=True, help="Confidence of the intervals.")
@click.option(
    "--images-per-lesion", type=float, default=1.0, show_default=True, help="Mean number of images per lesion."
)
@click.option("--icc", type=float, help="Correlation between the images of a lesion, 0 to 1.  [default: 0.5]")
@click.option(
    "--lesions-per-patient", type=float, default=1.0, show_default=True, help="Mean number of lesions per patient."
)
@click.option("--patient-icc", type=float, help="Correlation between the lesions of a patient, 0 to 1.  [default: 0.1]")
@click.option(
    "--groups",
    default="1",
    show_default=True,
    help="Subgroups, each of which needs intervals of this width: a number, or the share of each, such as "
    "light=0.9,dark=0.1, or, with --data, a column such as sex.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="Pilot data, as for 'train': shares and prevalence of the subgroups are counted in it, by lesion.",
)
@click.option(
    "--margin", type=float, help="Non-inferiority margin: largest accepted loss against another model, such as 0.02."
)
@click.option(
    "--discordance",
    type=float,
    help="With --margin: share of lesions that only one of the models gets right.  [default: as if errors were "
    "independent]",
)
@click.option(
    "--power", type=float, default=0.8, show_default=True, help="With --margin: probability of showing non-inferiority."
)
@recipe_file
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="With --data: change one setting, such as data.ak=malignant; may be repeated.",
)
@as_json
def plan(
    *,
    as_json: bool,
    groups: str,
    data: Path | None,
    recipe: Path | None,
    overrides: tuple[str, ...],
    **numbers: Any,
) -> None:
    """Plan a study: how many malignant and benign lesions it needs.

    Finds the smallest number of lesions for which every interval is as narrow as --width, if the model performs as
    expected. With --margin, also finds the number that shows non-inferiority to another model on the same lesions.
    Several images of one lesion carry less information than as many lesions; the design effect
    1 + (images - 1) x ICC accounts for this. Several lesions of one patient are treated alike.
    """
    from lentigo.numbers.planning import parse_subgroups, plan_study

    if data is None and (recipe is not None or overrides):
        raise click.UsageError("--recipe and --set say how the pilot data are read, so they need --data.")
    if data is None:
        parsed = parse_subgroups(groups, prevalence=numbers["prevalence"])
    else:
        from lentigo.config import Config
        from lentigo.stages import pilot_subgroups

        parsed = pilot_subgroups(data, groups, config=Config().overridden(with_recipe(recipe, overrides)))
    wanted = {"n_groups": parsed} if isinstance(parsed, int) else {"subgroups": parsed}
    found = plan_study(**numbers, **wanted)
    if as_json:
        print_json(found.json())
    else:
        click.echo("\n".join(_lines(found)))


def _lines(found: "StudyPlan") -> list[str]:
    each = " in each subgroup" if found.n_groups > 1 and not found.subgroups else ""
    sides = f"{found.n_malignant:,} malignant and {found.n_benign:,} benign"
    at = "" if found.subgroups else f", at a prevalence of {found.prevalence:.3g}"
    lines = [f"{counted(found.n_lesions, 'lesion')}: {sides}{at}."]
    if found.lesions_per_patient > 1:
        patients = counted(found.n_patients, "patient")
        lines.append(f"{patients}. Mean number of lesions per patient: {found.lesions_per_patient:g}.")
    lines += _subgroup_lines(found)
    if found.n_groups > 1 and not found.subgroups:
        lines.append(
            f"Of these {found.n_lesions_by_group:,} in each of {found.n_groups} subgroups: "
            f"{found.n_malignant_by_group:,} malignant and {found.n_benign_by_group:,} benign."
        )
    if found.images_per_lesion > 1:
        lines.append(f"Design effect {found.design_effect:.3g}, for {found.images_per_lesion:g} images per lesion.")
    if found.subgroups:
        lines += ["", f"Each subgroup, at a prevalence of {found.prevalence:.3g}:"]
    for need in found.requirements:
        parts = [f"{need.n_malignant:,} malignant"] * (need.n_malignant > 0)
        parts += [f"{need.n_benign:,} benign"] * (need.n_benign > 0)
        of_them = f" ({' and '.join(parts)})" if parts else ""
        lines += ["", f"{need.aim}:", f"  {counted(need.n_lesions, 'lesion')}{of_them}{each}", f"  {need.source}"]
    if found.assumed:
        lines += ["", "Assumed", *(f"  {sentence}" for sentence in found.assumed)]
    return lines


def _subgroup_lines(found: "StudyPlan") -> list[str]:
    if not found.subgroups:
        return []
    from lentigo.numbers.planning import rarest

    lines = ["", "Subgroups, each with intervals of its own:"]
    for need in found.subgroups:
        group = need.subgroup
        lines.append(
            f"  {group.name}: {counted(need.n_lesions, 'lesion')}, {need.n_malignant:,} malignant and "
            f"{need.n_benign:,} benign (share {group.share:.3g}, prevalence {group.prevalence:.3g})"
        )
    last = rarest(found.subgroups)
    lines.append(
        "The number above needs recruitment by subgroup. Photographed as they come, it takes "
        f"{counted(last.n_consecutive, 'lesion')} until {last.subgroup.name} is complete."
    )
    return lines
