"""The command line: flat commands, each one library call.

Nothing heavy is imported before a command runs: `lentigo --help` costs hardly more than Python itself. The table of
commands holds the one-line help for that reason; a test keeps it equal to each command's own.
"""

import importlib
import sys
import time
from typing import NoReturn

import click

from lentigo import __version__
from lentigo.errors import LentigoError, PeerError, suggest
from lentigo.extras import missing_extra
from lentigo.launch import launch

__all__ = ["VERBS", "main"]

# torchrun ends all ranks as soon as one has ended: a silent rank waits, so that the one that speaks has said it.
SPEAKING_S = 5

SECTIONS = {
    "Try a model": {
        "predict": "Predict the diagnosis of images with a trained model; one CSV row per image.",
        "explain": "Explain predictions: class-activation map, sanity score and similar cases.",
        "serve": "Serve a bundle over HTTP, with a page for the browser.",
        "score": "Predict any number of images, on all cores or on a Ray cluster.",
        "info": "Describe a run folder or a bundle.",
        "pull": "Get a bundle from the Hugging Face Hub, and verify it.",
        "doctor": "Show what is installed, what this machine has and how fast it predicts.",
    },
    "Prepare data": {
        "fetch": "Download a public data set and verify it; licence and citation included.",
        "audit": "Find problems in a data set before training on it.",
        "plan": "Plan a study: how many malignant and benign lesions it needs.",
        "split": "Split a data set; patients, lesions and duplicate images stay together.",
        "phantom": "Draw synthetic dermatoscopic images with known truth, to try lentigo out.",
    },
    "Train": {
        "embed": "Compute embeddings: one row of numbers per image, for 'lentigo train --features'.",
        "train": "Train a classifier, calibrate it, evaluate it and write a report.",
        "fuse": "Add age, sex, site or other columns to a run, if they improve it.",
        "calibrate": "Fit the calibration and choose operating points on validation images.",
        "export": "Export a run as a bundle: one folder that predicts and explains without PyTorch.",
        "push": "Put a bundle on the Hugging Face Hub, with its model card.",
    },
    "Evaluate": {
        "evaluate": "Evaluate a run, a bundle, or a predictions file from any model.",
        "compare": "Compare two or more models on the same images, with intervals and tests.",
        "ablate": "Measure whether age, sex, site or other columns add anything to a model.",
        "stress": "Measure how hair, blur, poor light and other image corruptions change a model's results.",
        "figures": "Write the figures of a run, an external test or a predictions file for a manuscript.",
        "tables": "Write the tables of a run, an external test or a predictions file for a manuscript.",
        "report": "Write report.html, model_card.md and checklist.md of a run again.",
    },
}
VERBS = {name: text for section in SECTIONS.values() for name, text in section.items()}


class _LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"lentigo.cli._{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            ctx.fail(f"There is no command '{args[0]}'.{suggest(args[0], list(VERBS))} See 'lentigo --help'.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, VERBS))  # one column for all sections
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{width}}", text) for name, text in commands.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="lentigo")
@click.option("--debug", is_flag=True, help="Show the traceback of errors.")
@click.option("-q", "--quiet", is_flag=True, help="Print results and errors only.")
@click.pass_context
def group(ctx: click.Context, *, debug: bool, quiet: bool) -> None:
    """From a folder of dermatoscopic photographs to a skin-lesion classifier that can be believed.

    First example, with the shipped model: lentigo predict lentigo photo.jpg

    Research use only; not a medical device. Results go to stdout, log and progress to stderr.
    """
    import logging  # not for --help

    started = launch()
    if started.size > 1 and ctx.invoked_subcommand != "train":
        raise PeerError(
            f"'lentigo {ctx.invoked_subcommand}' runs in one process, but torchrun has started {started.size}. "
            "Run it without torchrun; only 'train' uses several processes.",
            is_told=not started.is_first,
        )
    quiet = quiet or not started.is_first
    ctx.obj = {"debug": debug, "quiet": quiet}
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("lentigo").setLevel(logging.WARNING if quiet else logging.INFO)  # of libraries, warnings alone


def main() -> NoReturn:
    """Run the command line; exit 0 done, 1 an error of ours in one sentence, 2 usage, 130 interrupted."""
    debug = "--debug" in sys.argv[1:3]
    try:
        code = group.main(standalone_mode=False, prog_name="lentigo")
    except click.exceptions.Abort:
        if launch().is_first:
            click.echo("interrupted", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LentigoError as error:
        if debug:
            raise
        if isinstance(error, PeerError) and error.is_told:
            time.sleep(SPEAKING_S)
        else:
            click.echo(f"error: {launch().speaker}{error}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        named = missing_extra(error, purpose="do this")
        if debug or named is None:
            raise
        click.echo(f"error: {launch().speaker}{named}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
