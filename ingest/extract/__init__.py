"""From bytes to lines of text: pypdf, fonts repaired, recognition of scanned pages."""
