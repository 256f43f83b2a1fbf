"""Who is who between frames, who is a ghost, and who was asked for."""

from limner.similarity import oks_matrix
from limner.tracking.choosing import Chooser, choose, rank_people
from limner.tracking.ghosts import GhostFilter
from limner.tracking.tracker import Tracker

__all__ = ["Chooser", "GhostFilter", "Tracker", "choose", "oks_matrix", "rank_people"]
