"""What drf-spectacular cannot know of classes of our own."""

from drf_spectacular.authentication import SessionScheme


class OwnSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.core.api.authentication.SessionAuthentication"
