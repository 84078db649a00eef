"""What is counted about users; other apps bring their own figures.py."""

from datetime import datetime

from apps.accounts.models import User


def new_users(begin: datetime, end: datetime) -> int:
    return User.objects.filter(date_joined__gte=begin, date_joined__lt=end).count()


def active_users(begin: datetime, end: datetime) -> int:
    """Count who logged in last on that day; who came again later is counted there."""
    return User.objects.filter(last_login__gte=begin, last_login__lt=end).count()
