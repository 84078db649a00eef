from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenRefreshView,
)

from apps.core.api.throttling import LoginThrottle


class LoginView(TokenObtainPairView):
    """Exchange e-mail address and password for a pair of tokens."""

    throttle_classes = (LoginThrottle,)


class RefreshView(TokenRefreshView):
    """Exchange a refresh token for a new pair; it is of no use afterwards."""


class LogoutView(TokenBlacklistView):
    """Make a refresh token useless."""
