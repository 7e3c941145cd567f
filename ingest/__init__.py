"""Everything done once per PDF: reading it as a Briefing and putting it into the archive."""
