"""One shape each: JSON documents, the terminal, Markdown, CSV, messages in both languages."""
