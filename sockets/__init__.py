"""Real-time events: who hears what, and how it is sent."""
