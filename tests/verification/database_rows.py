"""The rules by which a cloud on MariaDB and one on SQLite differ."""

from __future__ import annotations

from typing import Final

#: The rules of ``--write`` by which they differ, in the order of the questions.
WRITE_ROWS: Final = (
    ("image", "create an image with an id in other capitals"),
    ("image", "names that differ in accents"),
    ("image", "names that differ in capitals"),
    ("image", "names that differ in blanks"),
    ("compute", "names that differ in accents"),
    ("compute", "names that differ in capitals"),
    ("compute", "names that differ in blanks"),
    ("image", "properties that differ in capitals"),
    ("image", "tags that differ in capitals"),
    ("image", "keys that differ in capitals"),
    ("compute", "keys that differ in capitals"),
)

#: All of them, whatever the user has.
DATABASE_ROWS: Final = frozenset(
    {
        ("compute", "marker in capitals"),
        ("compute", "name in other capitals"),
        ("compute", "name with other accents"),
        ("compute", "name with blanks"),
        ("compute", "status with a blank"),
        ("compute", "numbers in texts"),
        ("compute", "property in other capitals"),
        ("compute", "key of a property in capitals"),
        ("compute", "id in capitals"),
        ("image", "marker in capitals"),
        ("image", "sort by name"),
        ("image", "name in other capitals"),
        ("image", "name with other accents"),
        ("image", "name with blanks"),
        ("image", "status in other capitals"),
        ("image", "disk_format in other capitals"),
        ("image", "numbers in texts"),
        ("image", "tag in other capitals"),
        ("image", "property in other capitals"),
        ("image", "key of a property in capitals"),
        ("image", "id in capitals"),
        *WRITE_ROWS,
    }
)

#: Further rules by which they differ if the user has servers.
SERVER_ROWS: Final = frozenset(
    {
        ("compute", "servers: name in other capitals"),
        ("compute", "servers: id in capitals"),
        ("compute", "times of servers"),  # MariaDB has no fractions of seconds
    }
)

#: Further rules by which they differ if some names are blank or differ only in capitals, accents or blanks.
ODD_NAME_ROWS: Final = frozenset(
    {("compute", "empty name"), ("image", "empty name"), ("image", "order of equal names")}
)
