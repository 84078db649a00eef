from typing import Any, cast

from django.http import HttpRequest
from rest_framework import authentication
from rest_framework.request import Request
from rest_framework.settings import api_settings

from apps.accounts.models import User


class SessionAuthentication(authentication.SessionAuthentication):
    """The login of the admin; who has none gets 401 and not, as is DRF's habit, 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


def authenticate_header(request: HttpRequest) -> User | None:
    """Return the user of the `Authorization` header, for views that are none of DRF's.

    The classes are those of the API, all but the session, so that every token counts here, too.

    Raises an `APIException` where there are credentials and they are wrong.
    """
    # Names in the settings, classes here. With its parsers: that of OAuth 2.0 looks into the body.
    classes: Any = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    parsers: Any = api_settings.DEFAULT_PARSER_CLASSES
    wrapped = Request(request, parsers=[parser() for parser in parsers])
    for kind in classes:
        if issubclass(kind, authentication.SessionAuthentication):
            continue
        found = kind().authenticate(wrapped)
        if found is not None:
            return cast(User, found[0])
    return None
