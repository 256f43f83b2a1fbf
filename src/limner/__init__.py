"""limner: video in; the same video with everyone's pose drawn on it, and the numbers, out.

    import limner

    limner.annotate("dance.mp4")             # writes dance_pose.mp4, .csv and .jsonl
    for poses in limner.estimate("dance.mp4"):
        ...                                  # everyone in each frame, as arrays
    recording = limner.load("dance_pose.jsonl")

What is public is listed in ``__init__.pyi``, and only there. Importing limner loads nothing heavy:
each of these names is loaded when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
