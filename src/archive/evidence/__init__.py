"""From results to proof: sentences and what speaks for them, quotes on their page, sources."""
