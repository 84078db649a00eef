from typing import cast

from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import selectors, services
from apps.accounts.api.filters import UserFilter
from apps.accounts.api.serializers import UserSerializer
from apps.accounts.models import User


class UserViewSet(viewsets.ReadOnlyModelViewSet):
    """The users of the system, for its staff."""

    queryset = selectors.users_with_groups()
    serializer_class = UserSerializer
    permission_classes = (permissions.IsAdminUser,)
    filterset_class = UserFilter
    search_fields = ("email", "first_name", "last_name")
    ordering_fields = ("email", "date_joined")

    @action(detail=False, permission_classes=[permissions.IsAuthenticated], filter_backends=[])
    def me(self, request: Request) -> Response:
        """Return one's own account."""
        return Response(self.get_serializer(request.user).data)

    @me.mapping.patch
    def update_me(self, request: Request) -> Response:
        """Change one's own account."""
        user = cast(User, request.user)
        serializer = self.get_serializer(user, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        services.update_profile(user, **serializer.validated_data)
        return Response(self.get_serializer(user).data)
