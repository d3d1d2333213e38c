"""How far people may be trusted: profiles, ratings, links, radar, sanctions."""
