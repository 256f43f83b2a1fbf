"""Open the model that a run needs."""

from __future__ import annotations

from limner.models.base import Model
from limner.models.catalogue import DEFAULT_MODEL
from limner.models.loading import load_model
from limner.runtime import Runtime
from limner.settings import Settings


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
