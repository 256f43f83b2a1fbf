"""Protocol buffer messages out of a table: those parts of a format that are needed here.

Fields that are not in the table are kept unread (https://protobuf.dev/programming-guides/proto3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool

Fields: TypeAlias = tuple[tuple[str, int, str, bool], ...]
"""Of each field its name, number, type, and whether there are many."""


def message_pool(
    package: str,
    messages: Mapping[str, Fields],
    enums: Mapping[str, Mapping[str, int]] | None = None,
    *,
    one_of: Mapping[str, str] | None = None,
) -> Any:
    """Return messages in a pool of their own, beside those of others where these are loaded.

    Args:
        package: what comes before their names.
        messages: the fields of each; ``Outer.NameEntry`` is a map's entry.
        enums: types of field that are numbers with names.
        one_of: messages that have only one of their fields, and what that choice is called.
    """
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{package}.proto", package=package, syntax="proto3"
    )
    enums, one_of = enums or {}, one_of or {}
    for enum, words in enums.items():
        kinds = file.enum_type.add(name=enum)
        for word, number in words.items():
            kinds.value.add(name=word, number=number)
    for message, fields in messages.items():
        outer, _, inner = message.partition(".")
        if inner:
            (holder,) = (each for each in file.message_type if each.name == outer)
            described = holder.nested_type.add(name=inner)
            described.options.map_entry = True
        else:
            described = file.message_type.add(name=outer)
        if message in one_of:
            described.oneof_decl.add(name=one_of[message])
        for word, number, kind, many in fields:
            made = described.field.add(name=word, number=number)
            made.label = field.LABEL_REPEATED if many else field.LABEL_OPTIONAL
            if kind in enums:
                made.type, made.type_name = field.TYPE_ENUM, f".{package}.{kind}"
            elif kind in messages:
                made.type, made.type_name = field.TYPE_MESSAGE, f".{package}.{kind}"
            else:
                made.type = getattr(field, f"TYPE_{kind.upper()}")
            if message in one_of:
                made.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
