"""Briefing Archive: search Chinese daily briefings and answer with citations."""
