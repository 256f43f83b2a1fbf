"""HEIC and HEIF images (ISO/IEC 23008-12), read by libheif."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pi_heif import HeifFile

_LIST, _ITEM = b"iinf", b"infe"


def open_heif(data: bytes) -> HeifFile:
    """Open an image; its pixels are decoded when they are asked for.

    Raises:
        ValueError: the file is damaged; so are other errors of libheif's.
    """
    import pi_heif

    if not _items_have_types(data):
        # pi-heif (1.4) makes text of the types and takes for granted that this succeeds:
        # otherwise the whole process ends.
        raise ValueError("an item of the file has a type that is no text")
    return pi_heif.open_heif(BytesIO(data))


def _items_have_types(data: bytes) -> bool:
    """Say whether the types of all items are text, as ISO/IEC 14496-12, 8.11.6 has them."""
    begin = data.find(_LIST)
    while begin >= 0:
        # A box's size stands before its name; where that is damaged, all that follows is looked at.
        size = int.from_bytes(data[max(begin - 4, 0) : begin], "big")
        end = begin + size if size > 8 else len(data)
        item = data.find(_ITEM, begin, end)
        while item >= 0:
            # After version, flags, number (of 2 bytes, from version 3 on 4) and protection.
            at = item + (14 if data[item + 4 : item + 5] >= b"\3" else 12)
            if not data[at : at + 4].isascii():
                return False
            item = data.find(_ITEM, item + 1, end)
        begin = data.find(_LIST, begin + 1)
    return True
