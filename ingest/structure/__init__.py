"""From lines to a briefing: furniture, headings by vote, paragraphs, references, title block."""
