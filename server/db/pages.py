"""Pages of long lists, read along an index."""

from typing import Any, TypeVar

from sqlalchemy import Select

from models.base import MARIADB, Base

Selected = TypeVar("Selected", bound=Select[*tuple[Any, ...]])


def read_along(statement: Selected, table: type[Base], index: str) -> Selected:
    """Begin a page at its cursor: `index` holds what the list shares and then its order.

    MariaDB, left alone, takes what the list shares for the way in and walks past all that is newer
    than the cursor, or sorts the whole list.
    """
    for dialect in MARIADB:
        statement = statement.with_hint(table, f"FORCE INDEX ({index})", dialect)
    return statement
