"""The web app as people's browsers fetch it, and what crawlers read of its public pages."""
