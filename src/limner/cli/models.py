"""limner models: what models there are, and their files."""

from __future__ import annotations

from typing import Annotated

import typer

from limner.cli.console import guarded, set_up_logging

app = typer.Typer(help="List models; fetch their files.", rich_markup_mode=None)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A model's name.")]


@app.callback(invoke_without_command=True)
@guarded
def list_models(context: typer.Context) -> None:
    """List the models: what for, keypoints, licence, size, and whether they are here."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console
    from rich.table import Table

    from limner.core.options import in_words
    from limner.core.skeletons import SKELETONS
    from limner.models.catalogue import DEFAULT_MODEL, catalogue
    from limner.models.families import FAMILIES
    from limner.models.store import is_here
    from limner.system.cache import cache_folder

    files, purposes = (Table(box=None, pad_edge=False) for _ in range(2))
    for heading in ("name", "keypoints", "licence", "size", "here"):
        files.add_column(heading, no_wrap=True)
    purposes.add_column("name", no_wrap=True)
    purposes.add_column("what for, and the options it has")
    for model in catalogue().models.values():
        here = all(map(is_here, model.files))
        size = f"{model.size / 1e6:.1f} MB"
        name = f"{model.name} *" if model.name == DEFAULT_MODEL else model.name
        keypoints = str(len(SKELETONS[model.skeleton]))
        files.add_row(name, keypoints, model.licence, size, "yes" if here else "no")
        options = ", ".join(f"--{in_words(option)}" for option in FAMILIES[model.family])
        purposes.add_row(name, "; ".join(filter(None, (model.purpose, options))))
    console = Console()
    console.print(files, "", purposes, "", sep="\n")
    console.print(f"* the default. Files are kept in {cache_folder()}", soft_wrap=True)


@app.command()
@guarded
def pull(name: Name) -> None:
    """Fetch a model's files, verify them and keep them for offline use."""
    from limner.models.catalogue import catalogue
    from limner.models.store import ensure

    set_up_logging(verbose=False)
    for path in ensure(catalogue().model(name).files):
        typer.echo(path)


@app.command()
@guarded
def path(name: Name) -> None:
    """Print where a model's files are, or would be."""
    from limner.models.catalogue import catalogue
    from limner.models.store import cached_path

    for file in catalogue().model(name).files:
        typer.echo(cached_path(file))
