"""Journeys and screens in Debian's Chromium: one browser and one server for all of a worker."""
