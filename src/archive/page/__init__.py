"""The page, a view a module; `app.py` puts them together."""
