"""`lentigo doctor`."""

from typing import TYPE_CHECKING

import click

from lentigo.cli._options import as_json, print_json

if TYPE_CHECKING:
    from lentigo.stages import Health


@click.command()
@click.option("--time/--no-time", "is_timed", default=True, show_default=True, help="Measure the speed of the model.")
@as_json
def doctor(*, is_timed: bool, as_json: bool) -> None:
    """Show what is installed, what this machine has and how fast it predicts.

    Lists the extras with the line that installs each missing one, the GPU, the processor, and how long 1,000
    photographs take with the shipped model (measured on a few).
    """
    from lentigo.stages import examine

    health = examine(is_timed=is_timed)
    if as_json:
        print_json(health.json())
    else:
        click.echo("\n".join(_lines(health)))


def _lines(health: "Health") -> list[str]:
    gpu = "PyTorch is not installed or does not load" if health.gpu is None else health.gpu or "none"
    rows = [
        ("lentigo", health.lentigo),
        ("Python", health.python),
        ("system", health.system),
        *health.packages.items(),
        ("GPU", gpu),
        ("processor cores", str(health.n_threads)),
        ("bfloat16", _known(health.bfloat16)),
        ("8-bit products (VNNI)", _known(health.vnni)),
    ]
    if health.seconds_per_thousand is not None:
        rows.append(
            (
                "1,000 photographs",
                f"about {_duration(health.seconds_per_thousand)} with the shipped model, as busy as it is now",
            )
        )
    if health.fault:
        rows.append(("shipped model", f"fails: {health.fault}"))
    lines = [f"{name:<22} {value}" for name, value in rows]
    lines += ["", "Extras"]
    for extra in health.extras:
        missing = ", ".join(extra.missing)
        state = "installed" if extra.is_installed else f"missing {missing}\n{'':<14}{extra.install}"
        lines.append(f"  {extra.name:<12}{state}")
    return lines


def _known(answer: bool | None) -> str:  # noqa: FBT001 - a fact to word, not a switch
    return "not known on this system" if answer is None else "yes" if answer else "no"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
