"""Everything done once per PDF: reading it as a Briefing and putting it into the archive."""

import archive.offline  # noqa: F401 - first, since libraries read its switches when imported
