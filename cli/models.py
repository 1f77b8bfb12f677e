"""The commands `models` and `models verify`: which models there are, and whether one computes what it should."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import documents, options, session, streams
from cli.errors import ExitCode

EPILOG = """\
Examples:
  codesearch models
  codesearch models verify bundled
  codesearch models verify some/checkpoint --json

Exit code: 0 all as it should be, 2 not."""

ModelName = Annotated[
    str, typer.Argument(metavar="NAME", help="A model's name, or a folder with a checkpoint.", show_default=False)
]


def list_models(
    context: typer.Context,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
) -> None:
    """List the models and where they are (without a command: this one)."""
    from cli import reports

    with session.open_engine(context) as engine:
        known = engine.models()
    if as_json:
        streams.write(documents.dumps(documents.models_document(known)))
        return
    console = streams.console_for(color)
    for line in reports.model_lines(known, console.width if streams.wants_rich(color) else None):
        console.print(line, soft_wrap=True)


def verify(
    context: typer.Context,
    name: ModelName,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
) -> None:
    """Check that a model computes what it should; exit code 2 if it does not."""
    with session.open_engine(context) as engine:
        report = engine.verify_model(name)
    if as_json:
        streams.write(documents.dumps(documents.verification_document(report)))
    else:
        from cli import reports

        streams.write_lines(reports.verification_lines(report), color)
    if not report.passed:
        streams.error(
            f"{report.name} does not compute what it should; fetch it again, or choose another: codesearch models"
        )
        raise typer.Exit(ExitCode.ERROR)
