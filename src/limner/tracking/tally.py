"""Tally of a video's tracks: who was confirmed, who was left out, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from limner.core.wording import counted


@dataclass(slots=True)
class Tally:
    """Counts the people who were found in an input, and those whom the result leaves out.

    Attributes:
        found: ids of those who were confirmed.
        kept: ids of those of them who were selected at least once.
        brief: how many were surely seen, but not for long enough.
        unsure: how many were never surely seen.
    """

    found: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    brief: int = 0
    unsure: int = 0

    def left_out(self) -> list[str]:
        """Return how many people are left out for each reason, as parts of a sentence."""
        reasons = (
            (len(self.found - self.kept), "not asked for"),
            (self.brief, "seen surely for a moment only"),
            (self.unsure, "never seen surely"),
        )
        return [f"{count} {why}" for count, why in reasons if count]

    def without(self, person: int) -> str | None:
        """Return a sentence that says that a person is not among the found, if so."""
        if person in self.found:
            return None
        if not self.found:
            return f"there is no person {person}: nobody was found"
        ids = ", ".join(map(str, sorted(self.found)[:_NAMED]))
        if len(self.found) > _NAMED:
            ids += f", ... {max(self.found)}"
        people = counted(len(self.found), "person", "people")
        return f"there is no person {person}: {people} found, {ids}"


# So many ids are told one by one.
_NAMED = 10
