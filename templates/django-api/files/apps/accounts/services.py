"""What is written about users."""

from apps.accounts.models import User


def update_profile(user: User, **changes: str) -> User:
    """Change the given fields of a user, after checking them."""
    for field, value in changes.items():
        setattr(user, field, value)
    user.full_clean(exclude=["password"])
    user.save(update_fields=list(changes))
    return user
