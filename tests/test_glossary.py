"""Every term of the glossary is where the glossary says."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import resolve_name

GLOSSARY = Path(__file__).parents[1] / "docs" / "glossary.md"


def test_every_term_is_where_the_glossary_says() -> None:
    rows = re.findall(r"^\| (.+) \| (.+) \| `(.+)` \|$", GLOSSARY.read_text(), re.MULTILINE)
    assert len(rows) > 30
    assert len({term for term, _, _ in rows}) == len(rows)
    for _, sentence, place in rows:
        assert sentence.endswith(".")
        assert resolve_name(place) is not None
