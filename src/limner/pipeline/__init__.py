"""From an input to its results: the steps between frames and files, side by side."""
