"""Who is who between frames, who is a ghost, and who was asked for."""

from limner.core.oks import oks_matrix
from limner.tracking.confirmation import Confirmation
from limner.tracking.selection import Selector, choose, rank_people
from limner.tracking.tally import Tally
from limner.tracking.tracker import Tracker

__all__ = ["Confirmation", "Selector", "Tally", "Tracker", "choose", "oks_matrix", "rank_people"]
