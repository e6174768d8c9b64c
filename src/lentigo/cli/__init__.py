"""The command line: flat verbs, each one library call.

Nothing heavy is imported before a verb runs: `lentigo --help` costs hardly more than Python itself. The table of verbs
holds the one-line help for that reason; a test keeps it equal to each command's own.
"""

import importlib
import sys
from typing import NoReturn

import click

from lentigo import __version__
from lentigo.errors import LentigoError, PeerError, suggest
from lentigo.extras import missing_extra
from lentigo.launch import launch

__all__ = ["VERBS", "main"]

VERBS = {
    "train": "Train, calibrate, evaluate and report, from a folder of images in one go.",
    "predict": "Ask a run or a bundle about images; one CSV row an image.",
    "fetch": "Download a public data set, verified, with its licence and citation.",
    "audit": "Say what is wrong with a data set before a model learns from it.",
    "split": "Divide a data set, keeping patients, lesions and copies of one picture together.",
    "calibrate": "Choose temperature and thresholds on a run's validation predictions.",
    "evaluate": "Print and keep the figures of a run, or of anyone's predictions file.",
    "stress": "Ask a model again about hairy, blurred, dark and tilted copies of its test images.",
    "compare": "Say which of two models is better on the same images, by how much and how surely.",
    "report": "Write a run's report.html, model_card.md and checklist.md again.",
    "phantom": "Draw dermatoscopic images with known truth, for trying things out.",
    "export": "Make a bundle of a run: one folder that predicts and explains without PyTorch.",
    "explain": "Say why a bundle answers as it does: map, sanity score, similar cases.",
    "score": "Ask a bundle about any number of images, on all cores or on a Ray cluster.",
    "serve": "Answer over HTTP, with a page for the browser, from one bundle.",
    "info": "Say what a run folder or a bundle holds.",
}


class _Verbs(click.Group):
    """A group that imports a verb when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(importlib.import_module(f"lentigo.cli.{cmd_name}"), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            ctx.fail(f"no verb '{args[0]}'.{suggest(args[0], list(VERBS))} See 'lentigo --help'.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="lentigo")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("-q", "--quiet", is_flag=True, help="Only results and errors; no log.")
@click.pass_context
def group(ctx: click.Context, *, debug: bool, quiet: bool) -> None:
    """From a folder of dermatoscopic photographs to a skin-lesion classifier that can be believed.

    Research use only; not a medical device. Results go to stdout, log and progress to stderr.
    """
    import logging  # not for --help

    started = launch()
    if started.size > 1 and ctx.invoked_subcommand != "train":
        raise PeerError(
            f"'lentigo {ctx.invoked_subcommand}' is done by one process, and torchrun has started {started.size}. "
            "Call it without torchrun; only 'train' shares out its work.",
            is_told=not started.is_first,
        )
    quiet = quiet or not started.is_first
    ctx.obj = {"debug": debug, "quiet": quiet}
    logging.basicConfig(level=logging.WARNING if quiet else logging.INFO, format="%(message)s", stream=sys.stderr)
    for noisy in ("matplotlib", "timm", "PIL", "httpx", "fontTools", "onnxscript", "onnx_ir", "torch.onnx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


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
        if not (isinstance(error, PeerError) and error.is_told):
            click.echo(f"error: {launch().speaker}{error}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        named = missing_extra(error, purpose="do this")
        if debug or named is None:
            raise
        click.echo(f"error: {launch().speaker}{named}", err=True)
        sys.exit(1)
    sys.exit(code if isinstance(code, int) else 0)
