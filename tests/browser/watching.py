"""What no page may do: complain in the console, break its policy, call others, meet a fault."""

import re
from urllib.parse import urlsplit

REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
"""Refusals are answers; the screens show them."""


class Watch:
    """Hears everything that a browser context does."""

    def __init__(self, base):
        self.host = urlsplit(base).netloc
        self.complaints = []
        self.allowed = []

    def allow(self, pattern):
        """Complaints that a test provokes on purpose."""
        self.allowed.append(re.compile(pattern))

    def follow(self, context):
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.note(f"uncaught: {error.error}"))
        context.on("request", self._see_request)
        context.on("response", self._see_response)

    def note(self, text):
        if not any(pattern.search(text) for pattern in self.allowed):
            self.complaints.append(text)

    def _hear(self, message):
        if message.type in ("error", "warning") and not REFUSED.search(message.text):
            self.note(f"{message.type} in the console: {message.text}")

    def _see_request(self, request):
        place = urlsplit(request.url)
        if place.scheme not in ("data", "blob", "about") and place.netloc != self.host:
            self.note(f"call to a third party: {request.url}")

    def _see_response(self, response):
        if response.status >= 500:
            self.note(f"fault: {response.status} of {response.request.method} {response.url}")

    def check(self):
        """Fail with everything that was heard."""
        assert not self.complaints, "\n".join(self.complaints)
