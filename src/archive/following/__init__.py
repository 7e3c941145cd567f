"""From briefings to matters: what was covered before, storylines, changes, sources over time."""
