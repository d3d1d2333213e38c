"""One Python file, read for the bans."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """One Python file: where it lies in the project, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def read(cls, path: str, text: str) -> "Source":
        return cls(path, text, ast.parse(text))

    def lies_in(self, *places: str) -> bool:
        """Whether the file is one of `places`, or below one that ends with a slash."""
        return any(
            self.path.startswith(place) if place.endswith("/") else self.path == place
            for place in places
        )

    def names(self) -> list[tuple[int, str]]:
        """Every use of an imported name, resolved: `(line, "datetime.datetime.now")`."""
        return self._names

    @cached_property
    def _names(self) -> list[tuple[int, str]]:
        return list(self._find_names())

    def _find_names(self) -> Iterator[tuple[int, str]]:
        origins: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    origins[alias.asname or alias.name.partition(".")[0]] = (
                        alias.name if alias.asname else alias.name.partition(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                    yield node.lineno, f"{node.module}.{alias.name}"
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute | ast.Name):
                dotted = dotted_name(node)
                head, _, rest = dotted.partition(".")
                if head in origins:
                    yield node.lineno, f"{origins[head]}.{rest}" if rest else origins[head]

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, FUNCTIONS):
                yield node


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` of an attribute chain, empty when it does not start with a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
