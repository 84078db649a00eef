from rest_framework.throttling import AnonRateThrottle


class LoginThrottle(AnonRateThrottle):
    """Slows down the guessing of passwords, by address."""

    scope = "login"
