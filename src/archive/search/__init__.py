"""From a query to results: what it means, what both indexes find, how a result is shown."""
