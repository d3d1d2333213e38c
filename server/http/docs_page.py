"""The page at /api/docs, rendered once from the OpenAPI document."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from server.http.examples import make_example, resolve
from server.http.markup import Content, Html, tag

DEPTH_MAX = 5
LAST = ("Development", "Events")
_CODE = re.compile(r"`([^`]+)`")

Document = Mapping[str, Any]


def render_page(document: Document) -> str:
    """The whole page as text."""
    groups = _group(document)
    title = f"{document['info']['title']} API"
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("title", title),
            tag("link", rel="icon", href="/favicon.svg", type="image/svg+xml"),
            tag("link", rel="stylesheet", href="/api/docs/docs.css"),
            tag("script", src="/api/docs/docs.js", defer=True),
        ),
        tag(
            "body",
            tag("a", "Skip to the calls", class_="skip", href="#content"),
            _render_header(document),
            tag(
                "div",
                _render_contents(groups),
                tag(
                    "main",
                    _render_introduction(document),
                    [_render_group(document, name, entries) for name, entries in groups],
                    tag(
                        "p",
                        "No call matches. Try a path, a word of its sentence or a refusal code.",
                        id="nothing",
                        hidden=True,
                    ),
                    id="content",
                ),
                class_="page",
            ),
        ),
        lang="en",
    )
    return f"<!doctype html>\n{page}\n"


Entry = tuple[str, str, Mapping[str, Any]]
"""Method, path and operation."""


def _group(document: Document) -> list[tuple[str, list[Entry]]]:
    groups: dict[str, list[Entry]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    for name, operations in document.get("webhooks", {}).items():
        groups.setdefault("Events", []).append(("EVENT", name, operations["post"]))
    for entries in groups.values():
        entries.sort(key=lambda entry: not entry[1].startswith("/api/v1/"))
    return sorted(groups.items(), key=lambda group: (group[0] in LAST, group[0]))


def _anchor(operation: Mapping[str, Any]) -> str:
    return str(operation["operationId"])


def _speak(text: str) -> list[Content]:
    """Text with `code` in backquotes."""
    parts = _CODE.split(text)
    return [tag("code", part) if number % 2 else part for number, part in enumerate(parts)]


def _render_header(document: Document) -> Html:
    return tag(
        "header",
        tag("a", document["info"]["title"], class_="brand", href="#content"),
        tag(
            "label",
            tag("span", "Search the calls", class_="unseen"),
            tag(
                "input",
                id="search",
                type="search",
                placeholder="Search: path, word, code",
                autocomplete="off",
            ),
            tag("kbd", "/"),
            class_="search",
        ),
        tag("a", "openapi.json", class_="raw", href="/api/openapi.json"),
    )


def _render_contents(groups: list[tuple[str, list[Entry]]]) -> Html:
    sections = [
        tag(
            "section",
            tag("h2", name),
            tag(
                "ul",
                [
                    tag(
                        "li",
                        tag(
                            "a",
                            tag("span", method, class_=f"method {method.lower()}"),
                            tag("span", _shorten(path), class_="path"),
                            href=f"#{_anchor(operation)}",
                        ),
                        data_for=_anchor(operation),
                    )
                    for method, path, operation in entries
                ],
            ),
        )
        for name, entries in groups
    ]
    return tag("nav", tag("details", tag("summary", "All calls"), sections, id="contents"))


def _shorten(path: str) -> str:
    return path.removeprefix("/api/v1")


def _render_introduction(document: Document) -> Html:
    paragraphs = document["info"]["description"].split("\n\n")
    return tag(
        "section",
        tag("h1", f"{document['info']['title']} API"),
        [tag("p", _speak(paragraph)) for paragraph in paragraphs],
        class_="introduction",
    )


def _render_group(document: Document, name: str, entries: list[Entry]) -> Html:
    return tag(
        "section",
        tag("h2", name, class_="group"),
        [_render_call(document, *entry) for entry in entries],
        class_="calls",
    )


def _render_call(document: Document, method: str, path: str, operation: Mapping[str, Any]) -> Html:
    anchor = _anchor(operation)
    refused = _list_refused(document, operation)
    words = " ".join(
        [method, path, anchor, operation["summary"], *(code for _, code, _ in refused)]
    )
    parts = [_render_parameters(operation), _render_body(document, operation)]
    if method != "EVENT":
        parts += [_render_answer(document, operation), _render_refused(refused)]
        parts.append(_render_example(document, method, path, operation))
    return tag(
        "details",
        tag(
            "summary",
            tag("span", method, class_=f"method {method.lower()}"),
            tag("span", path, class_="path"),
            tag("span", _speak(operation["summary"]), class_="sentence"),
        ),
        tag("p", "Who: ", operation["x-callers"], class_="callers")
        if "x-callers" in operation
        else tag("p", "Rooms: ", ", ".join(operation.get("x-rooms", ())), class_="callers"),
        parts,
        id=anchor,
        class_="call",
        data_words=words.lower(),
    )


def _table(head: tuple[str, ...], rows: list[tuple[Content, ...]], caption: str) -> Html:
    if not rows:
        return Html("")
    return tag(
        "section",
        tag("h3", caption),
        tag(
            "div",
            tag(
                "table",
                tag("thead", tag("tr", [tag("th", name, scope="col") for name in head])),
                tag("tbody", [tag("tr", [tag("td", cell) for cell in row]) for row in rows]),
            ),
            class_="scroll",
            tabindex="0",
            role="region",
            aria_label=caption,
        ),
    )


def _render_parameters(operation: Mapping[str, Any]) -> Html:
    rows: list[tuple[Content, ...]] = [
        (
            tag("code", one["name"]),
            {"path": "path", "query": "query", "header": "header"}[one["in"]],
            _name_kind(one["schema"]),
            _required(required=one.get("required", False)),
            _speak(one.get("description", "")),
        )
        for one in operation.get("parameters", ())
    ]
    return _table(("Name", "In", "Kind", "", "Meaning"), rows, "Parameters")


def _render_body(document: Document, operation: Mapping[str, Any]) -> Html:
    if "requestBody" not in operation:
        return Html("")
    content = operation["requestBody"]["content"]
    if "application/json" not in content:
        said = f"The file itself, as {', '.join(content)}."
        return tag("section", tag("h3", "Body"), tag("p", said))
    schema = content["application/json"]["schema"]
    return _table(("Field", "Kind", "", "Meaning"), list(_rows(document, schema)), "Body")


def _render_answer(document: Document, operation: Mapping[str, Any]) -> Html:
    status, answer = next(
        (status, answer)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    )
    caption = f"Answer {status}"
    content = answer.get("content", {})
    others = [media for media in content if media != "application/json"]
    if others:
        caption += f" (also as {', '.join(others)})"
    if "application/json" not in content:
        return tag("section", tag("h3", caption), tag("p", "Without JSON content."))
    rows = list(_rows(document, content["application/json"]["schema"]))
    return _table(("Field", "Kind", "", "Meaning"), rows, caption)


def _rows(
    document: Document, schema: Mapping[str, Any], prefix: str = "", depth: int = 0
) -> Iterator[tuple[Content, ...]]:
    schema = resolve(document, schema)
    if "properties" not in schema or depth > DEPTH_MAX:
        return
    needed = set(schema.get("required", ()))
    for name, inner in schema["properties"].items():
        member = resolve(document, inner)
        meaning = inner.get("description") or member.get("description", "")
        yield (
            tag("code", f"{prefix}{name}"),
            _name_kind(member),
            _required(required=name in needed),
            _speak(meaning),
        )
        if member.get("type") == "array":
            yield from _rows(document, member["items"], f"{prefix}{name}[].", depth + 1)
        else:
            yield from _rows(document, member, f"{prefix}{name}.", depth + 1)


def _required(*, required: bool) -> Content:
    return tag("span", "required", class_="required") if required else "optional"


def _name_kind(schema: Mapping[str, Any]) -> Content:
    kinds = schema.get("type", "any")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "format" in schema:
        kind += f" ({schema['format']})"
    if "enum" in schema:
        return [
            kind,
            ": ",
            ", ".join("null" if one is None else str(one) for one in schema["enum"]),
        ]
    bounds = []
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ):
        if low in schema or high in schema:
            bounds.append(f"{schema.get(low, 0)} to {schema.get(high, 'any')}{unit}")
    if "default" in schema:
        bounds.append(f"{schema['default']} when left out")
    return f"{kind}, {', '.join(bounds)}" if bounds else kind


def _list_refused(document: Document, operation: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (status, refusal["code"], refusal["title"])
        for status, answer in operation["responses"].items()
        for refusal in resolve(document, answer).get("x-refusals", ())
    ]


def _render_refused(refused: list[tuple[str, str, str]]) -> Html:
    rows: list[tuple[Content, ...]] = [
        (status, tag("code", code), title) for status, code, title in refused
    ]
    return _table(("Status", "Code", "Meaning"), rows, "Refusals")


def _render_example(
    document: Document, method: str, path: str, operation: Mapping[str, Any]
) -> Html:
    lines = [f"curl -X {method} http://localhost:8080{_fill(path)}"]
    if operation["security"]:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":
            value = "$(uuidgen)" if parameter["name"] == "Idempotency-Key" else "$PROOF"
            lines.append(f'-H "{parameter["name"]}: {value}"')
    content = operation.get("requestBody", {}).get("content", {})
    if content and "application/json" not in content:
        lines += [f"-H 'Content-Type: {next(iter(content))}'", "--data-binary @FILE"]
    elif content:
        schema = content["application/json"]["schema"]
        sent = orjson.dumps(make_example(document, schema)).decode()
        lines += ["-H 'Content-Type: application/json'", f"-d '{sent}'"]
    parts: list[Content] = [_render_code(" \\\n  ".join(lines), "Copy the command")]
    answer = next(one for status, one in operation["responses"].items() if status.startswith("2"))
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema is not None:
        example = orjson.dumps(make_example(document, schema), option=orjson.OPT_INDENT_2)
        parts.append(_render_code(example.decode(), "Copy the answer"))
    return tag("section", tag("h3", "Example"), parts)


def _fill(path: str) -> str:
    return re.sub(
        r"\{(\w+)\}",
        lambda found: (
            "01890000-0000-7000-8000-000000000000"
            if found[1] == "id" or found[1].endswith("_id")
            else f"${found[1].upper()}"
        ),
        path,
    )


def _render_code(text: str, label: str) -> Html:
    return tag(
        "div",
        tag("pre", tag("code", text), tabindex="0"),
        tag("button", "Copy", type="button", class_="copy", aria_label=label, hidden=True),
        class_="example",
    )
