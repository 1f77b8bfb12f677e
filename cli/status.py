"""The command `status`: what is indexed, how much of it, and which files are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import documents, options, plain, session, streams
from cli.errors import ExitCode

if TYPE_CHECKING:
    from codesearch import CodeSearch, RepositoryStatus

EPILOG = """\
Examples:
  codesearch status
  codesearch status ~/code/server --skipped

Exit code: 0 shown, 1 nothing is indexed, 2 error."""

StatusPath = Annotated[Path | None, typer.Argument(metavar="PATH", help="A folder.", show_default="every repository")]
Skipped = Annotated[
    bool, typer.Option("--skipped", metavar=options.FLAG, help="List the files that are not searched, and why.")
]


def status(
    context: typer.Context,
    path: StatusPath = None,
    skipped: Skipped = False,
    as_json: options.AsJson = False,
    color: options.WithColor = streams.Color.AUTO,
    library: options.LibraryFolder = None,
) -> None:
    """Show what is indexed."""
    with session.open_engine(context, library) as engine:
        if skipped:
            show_skipped(engine, path or Path.cwd(), as_json)
            return
        statuses = engine.status(path)
        if as_json:
            streams.write(documents.dumps(documents.status_document(engine.library_folder, statuses)))
        else:
            show(statuses, color)
    if not statuses:
        streams.note("nothing is indexed yet; run: codesearch index FOLDER")
        raise typer.Exit(ExitCode.NOTHING_FOUND)


def show(statuses: list[RepositoryStatus], color: streams.Color) -> None:
    """Write each repository as a block of labelled lines, wrapped to the width of a terminal."""
    from cli import reports

    console = streams.console_for(color)
    width = console.width if streams.wants_rich(color) else None
    for number, repository in enumerate(statuses):
        if number:
            console.print()
        for line in reports.status_lines(repository, width):
            console.print(line, soft_wrap=True)


def show_skipped(engine: CodeSearch, path: Path, as_json: bool) -> None:
    """Write the files of one repository that are not searched."""
    files = engine.skipped_files(path)
    root = next((repository.root for repository in engine.status(path)), path)
    if as_json:
        streams.write(documents.dumps(documents.skipped_document(root, files)))
    elif files:
        streams.write(plain.skipped_text(root, files, Path.cwd()))
    if not files:
        streams.note(f"nothing is skipped in {root}")
