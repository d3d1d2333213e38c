"""HTML as nested calls: every text and attribute is escaped, tags are known."""

from collections.abc import Iterable
from html import escape

VOID = frozenset({"meta", "link", "input", "br", "hr"})
BOOLEAN = frozenset({"open", "defer", "hidden"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Content = str | Html | Iterable["Content"]


def render(content: Content) -> Html:
    """Markup as it is, texts escaped, sequences joined."""
    if isinstance(content, Html):
        return content
    if isinstance(content, str):
        return Html(escape(content))
    return Html("".join(render(part) for part in content))


def tag(name: str, /, *content: Content, **attributes: str | bool) -> Html:
    """An element; an underscore at the end of an attribute falls away, others become hyphens."""
    written = []
    for key, value in attributes.items():
        attribute = key.rstrip("_").replace("_", "-")
        if isinstance(value, bool):
            assert attribute in BOOLEAN, f"{attribute} takes a text"
            if value:
                written.append(f" {attribute}")
        else:
            written.append(f' {attribute}="{escape(value, quote=True)}"')
    head = f"<{name}{''.join(written)}>"
    if name in VOID:
        assert not content, f"{name} has no content"
        return Html(head)
    return Html(f"{head}{render(content)}</{name}>")
