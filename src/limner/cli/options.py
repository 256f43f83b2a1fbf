"""Options of the command line, made of what `limner.settings` and the models declare."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand

from limner.core.options import Option
from limner.settings import OPTIONS

Verb = TypeVar("Verb", bound=Callable[..., None])

Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Say more.")]


def takes(options: Mapping[str, Option]) -> Callable[[Verb], Verb]:
    """Return what gives a verb these options in the place of its ``**options``.

    The verb gets every option by its name: switches as bool, others as the text that was
    typed, or that of the default, or None where there is neither.
    """

    def give(verb: Verb) -> Verb:
        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in inspect.signature(verb, eval_str=True).parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        parameters = own + [_parameter(name, option) for name, option in options.items()]
        verb.__annotations__ = {each.name: each.annotation for each in parameters}
        # Where typer looks, and inspect says so: https://peps.python.org/pep-0362/
        verb.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return verb

    return give


def like(
    name: str, help_text: str | None = None, metavar: str | None = None, section: str | None = None
) -> Any:
    """Return the option of this name, for a verb that may say something else of it.

    Args:
        name: a name of `limner.settings.OPTIONS`.
        help_text: what it does there, where that is not just what it does everywhere.
        metavar: what stands for its value there, where that is something else.
        section: the heading of the help that it stands under.
    """
    option = OPTIONS[name]
    return typer.Option(
        *_names(name, option),
        help=help_text or option.help,
        metavar=metavar or option.metavar or None,
        rich_help_panel=section,
    )


class Sectioned(TyperCommand):
    """A command whose help lists its options in sections, those without one at the end."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then the options section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        others: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            title = getattr(parameter, "rich_help_panel", None)
            if parameter.param_type_name == "argument":
                title = "Arguments"
            if record is not None:
                (sections.setdefault(title, []) if title else others).append(record)
        for title, records in [*sections.items(), ("Options", others)]:
            with formatter.section(title):
                formatter.write_dl(records)


def _parameter(name: str, option: Option) -> inspect.Parameter:
    kind: Any = str | None if option.metavar else bool
    default = _as_text(option.default) if option.metavar else option.default
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, like(name, section=option.section)],
    )


def _names(name: str, option: Option) -> list[str]:
    """Return what is typed for an option; a switch that is on can be switched off."""
    long = f"--{name.replace('_', '-')}"
    if option.default is True:
        long += f"/--no-{name.replace('_', '-')}"
    return [option.short, long] if option.short else [long]


def _as_text(value: Any) -> str | None:
    """Return what somebody would type for a value."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return ",".join(value) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
