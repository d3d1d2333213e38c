"""The web app, where it was built."""

from pathlib import Path

from aiohttp import web

from server.settings import Settings
from server.web.build import read_build
from server.web.routes import add_web


def add_web_app(app: web.Application, settings: Settings) -> frozenset[str]:
    """Serve the app; the addresses that it has, which are none where it was not built."""
    build = read_build(Path(settings.web_folder)) if settings.web_folder else None
    if build is None:
        return frozenset()
    add_web(app, build, settings.web_origin)
    return frozenset({"/", *build.files})
