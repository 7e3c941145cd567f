"""The script: sentences, folded forms, numerals and figures, dates in words, names, spelling."""
