from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """The login of the admin; who has none gets 401 and not, as is DRF's habit, 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
