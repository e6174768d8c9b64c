"""`lentigo explain`."""

import math
from pathlib import Path

import click

from lentigo.cli._options import as_json, force, precision, prevalence, print_json, progress, runtime
from lentigo.wording import percent_text, score_text


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder to create for overlays, maps and records."
)
@prevalence
@runtime
@precision
@force
@as_json
def explain(
    model: Path,
    images: tuple[Path, ...],
    *,
    out: Path,
    prevalence: float | None,
    runtime: str | None,
    precision: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Explain predictions: class-activation map, sanity score and similar cases.

    MODEL is a bundle. Writes for each image an overlay (PNG; orange supports the explained class, blue contradicts
    it), the map as an array (.npy), and in explanations.json the prediction, the reliability of the map, and the most
    similar cases. The explained class of a referral is the most probable malignant class; otherwise the most probable
    class.
    """
    from lentigo.stages import explain as explain_images

    with progress() as track:
        records = explain_images(
            model, images, out, prevalence=prevalence, force=force, runtime=runtime, precision=precision, track=track
        )
    if as_json:
        print_json(records)
        return
    for record in records:
        click.echo(_line(record))
    click.echo(f"Overlays and maps: {out}")


def _line(record: dict[str, object]) -> str:
    if record["error"]:
        return f"{record['image']}: {record['error']}"
    sanity = record["sanity"]
    assert isinstance(sanity, dict)
    cases = record["similar_cases"]
    assert isinstance(cases, list)
    alike = ", ".join(str(case["diagnosis"]) for case in cases)
    where = "no lesion stands out"
    if math.isfinite(sanity["in_lesion"]):
        where = f"{percent_text(sanity['in_lesion'])} in the lesion, {percent_text(sanity['on_border'])} on the border"
    reasons = record["reasons"]
    assert isinstance(reasons, list)
    why = f" ({'; '.join(map(str, reasons))})" if reasons else ""
    return (
        f"{record['image']}: {record['decision']}{why}; map for {record['explained_class']}, "
        f"sanity {score_text(sanity['score'])}, {where}"
        + (f"; most similar cases: {alike}" if alike else "")
        + (f"\n  {record['map_words']}" if sanity["is_doubtful"] else "")
    )
