"""How good a model is on labelled pictures, and how steady a recording is without labels."""
