"""How good a model is on labelled images, and how steady a recording is without labels."""
