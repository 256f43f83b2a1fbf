"""Open what a run needs: its input and its model."""

from __future__ import annotations

from limner.media.inputs import Input
from limner.media.sources import Source, open_source
from limner.models.base import Model
from limner.models.catalogue import DEFAULT_MODEL
from limner.models.loading import load_model
from limner.runtime import Runtime
from limner.settings import Settings
from limner.system.signals import Stop, never


def open_input(named: Input, settings: Settings, *, audio: bool, stop: Stop = never) -> Source:
    """Open an input as the settings ask for.

    Args:
        named: the input.
        settings: what the user asked for.
        audio: whether the sound will be asked for.
        stop: is asked whether to end while a pipe keeps silent.

    Raises:
        InputError: it cannot be read.
    """
    if named.source is not None:
        return named.source
    return open_source(
        named.path,
        start=settings.start,
        end=settings.end,
        rate=settings.input_rate,
        sequence=settings.sequence,
        max_pixels=settings.max_pixels,
        audio=audio,
        stop=stop,
    )


def open_model(settings: Settings) -> Model:
    """Load the model that the settings ask for.

    Raises:
        UsageError: there is no such model, or it has no such option.
        ModelError: its files cannot be had or are damaged.
        BackendError: the runtime or device is not there or cannot run it.
    """
    # Who is left out is still to be found where all faces are hidden, or to be compared.
    everyone = settings.blur_faces or bool(settings.two_passes)
    return load_model(
        settings.model or DEFAULT_MODEL,
        Runtime(settings.backend, settings.device, settings.threads),
        max_people=None if everyone else settings.max_people,
        threshold=settings.threshold,
        **settings.model_options,
    )
