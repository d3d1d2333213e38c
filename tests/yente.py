"""A service that speaks as yente does: a catalog, and matching by example."""

from aiohttp import web

KEY = "key-of-the-service"


class FakeYente:
    """Matches names word for word; `wrong` makes it answer otherwise."""

    def __init__(self):
        self.version = "20261121-abc"
        self.listed = {}
        self.calls = []
        self.wrong = None
        self.datasets = ...
        """What the catalog lists, if a test says so."""
        self.app = web.Application()
        self.app.router.add_get("/catalog", self.catalog)
        self.app.router.add_post("/match/{dataset}", self.match)

    def add(self, entry_id, name, *, score=0.93, **properties):
        """An entry; a score below 0.7 is a candidate and no match."""
        self.listed[entry_id] = (name, score, properties)

    async def catalog(self, request):
        assert request.headers["Authorization"] == f"ApiKey {KEY}"
        datasets = [
            {"name": "other", "title": "Other", "version": "1", "children": [], "load": True},
            {
                "name": "sanctions", "title": "Sanctions", "version": self.version,
                "index_version": self.version, "index_current": True, "children": [], "load": True,
            },
        ]  # fmt: skip
        if self.wrong == "no_version":
            datasets = datasets[:1]
        if self.datasets is not ...:
            datasets = self.datasets
        return web.json_response({"datasets": datasets, "current": [], "outdated": []})

    async def match(self, request):
        assert request.headers["Authorization"] == f"ApiKey {KEY}"
        assert request.match_info["dataset"] == "sanctions"
        asked = (await request.json())["queries"]
        self.calls.append(asked)
        if self.wrong == "503":
            return web.json_response({"detail": "The index is away."}, status=503)
        if self.wrong == "text":
            return web.Response(text="<html>", content_type="text/html")
        if self.wrong == "other":
            return web.json_response({"responses": {"x": 1}})
        responses = {
            number: {
                "status": 500 if self.wrong == "partial" else 200,
                "results": self._find(query),
                "total": {"value": 1, "relation": "eq"},
                "query": query,
            }
            for number, query in asked.items()
        }
        return web.json_response({"responses": responses, "limit": 10})

    def _find(self, query):
        assert query["schema"] == "Person"
        (said,) = query["properties"]["name"]
        return [
            {
                "id": entry_id, "caption": name, "schema": "Person", "datasets": ["sanctions"],
                "referents": [], "target": True, "score": score, "match": score >= 0.7,
                "features": {"name_match": score}, "properties": {"name": [name], **properties},
            }
            for entry_id, (name, score, properties) in self.listed.items()
            if set(name.split()) & set(said.split())
        ]  # fmt: skip
