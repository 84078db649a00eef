"""Lets requests in that carry an access token of this server."""

from typing import Any

from oauth2_provider.contrib.rest_framework import (
    OAuth2Authentication as BaseOAuth2Authentication,
)
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from apps.accounts.models import User


class OAuth2Authentication(BaseOAuth2Authentication):
    """The token's user, or the owner of the program where the token is the program's own.

    The scope is checked here and not by a permission: a view that sets its own permissions would
    forget it.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        words = get_authorization_header(request).split()
        # JSON web tokens come as `Bearer`, too, and are the business of another class.
        if len(words) != 2 or words[0].lower() != b"bearer" or words[1].count(b".") == 2:
            return None
        found = super().authenticate(request)
        if found is None:
            raise AuthenticationFailed("The token is not valid.", code="token_not_valid")
        token = found[1]
        user = token.user or token.application.user
        if user is None or not user.is_active:
            raise AuthenticationFailed("Nobody is behind this token.", code="user_inactive")
        scope = "read" if request.method in SAFE_METHODS else "write"
        if not token.is_valid([scope]):
            raise PermissionDenied(
                f"The token lacks the scope `{scope}`.", code="insufficient_scope"
            )
        return user, token
