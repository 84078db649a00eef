"""Who may do what; resolvers ask here."""

from typing import cast

from django.core.exceptions import PermissionDenied
from strawberry.types import Info

from apps.accounts.models import User
from apps.graphql.errors import NotAuthenticatedError


def current_user(info: Info) -> User:
    """Return who is asking.

    Raises `NotAuthenticatedError` where that is nobody.
    """
    user = info.context.request.user
    if not user.is_authenticated:
        raise NotAuthenticatedError
    return cast(User, user)


def must_own(user: User, owner_id: int) -> None:
    if user.pk != owner_id:
        raise PermissionDenied("Only the owner may do this.")
