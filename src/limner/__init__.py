"""limner: video in; the same video with everyone's pose drawn on it, and the numbers, out."""
