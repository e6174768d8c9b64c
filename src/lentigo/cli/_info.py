"""`lentigo info`."""

from pathlib import Path

import click

from lentigo.cli._options import as_json, print_json


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@as_json
def info(model: Path, *, as_json: bool) -> None:
    """Describe a run folder or a bundle.

    MODEL is a run folder, a bundle folder, or 'lentigo', the bundle shipped with the package.
    """
    from lentigo.model import kind_of, open_model

    if kind_of(model) != "run":
        bundle = open_model(model)
        if as_json:
            print_json(bundle.describe())
        else:
            click.echo(bundle.card.rstrip())
        return
    from lentigo.stages import describe_run

    about = describe_run(model)
    if as_json:
        print_json(about)
        return
    # the report heads with the error of the malignant probability, which is another figure
    labels = {name: "test ece, top label" if name == "test_ece" else name.replace("_", " ") for name in about}
    width = max(map(len, labels.values()))
    for name, value in about.items():
        click.echo(f"{labels[name]:<{width}}  {value}")
