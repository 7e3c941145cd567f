"""`/health`: whether the archive can be read, for whoever watches over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.settings import Settings
from archive.store.catalog import Catalog
from archive.store.database import DamagedError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route


def health_route(settings: Settings) -> Route:
    """A route that opens the catalogue anew: 200 where it can be read, else 503 with the reason."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def health(request: Request) -> JSONResponse:
        reason = why_unhealthy(settings)
        if reason:
            return JSONResponse({"status": "failing", "reason": reason}, 503)
        return JSONResponse({"status": "ok"})

    return Route("/health", health)


def why_unhealthy(settings: Settings) -> str:
    """Why an archive can't be read, without the path it lies at; empty where it can."""
    try:
        catalog = Catalog.open(settings.catalog)
        try:
            catalog.generation()  # cheap: a monitor asks often
        finally:
            catalog.close()
    except ArchiveError as error:
        return error.message.replace(str(settings.home), "ARCHIVE_HOME")
    except (DamagedError, OSError) as error:
        return f"the catalogue can't be read ({error})".replace(str(settings.home), "ARCHIVE_HOME")
    return ""
