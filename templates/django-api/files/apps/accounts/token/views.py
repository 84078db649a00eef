from django.shortcuts import get_object_or_404
from rest_framework import generics
from rest_framework.authtoken.models import Token
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.token.serializers import TokenSerializer
from apps.core.api.throttling import LoginThrottle


class LoginView(generics.GenericAPIView):
    """Exchange e-mail address and password for the user's token."""

    serializer_class = TokenSerializer
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (LoginThrottle,)

    def get_authenticate_header(self, request: Request) -> str:
        # Without one DRF turns a failed login from 401 into 403.
        return "Token"

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)


class TokenView(generics.DestroyAPIView):
    """Revoke one's own token."""

    serializer_class = TokenSerializer

    def get_object(self) -> Token:
        return get_object_or_404(Token, user=self.request.user.pk)
