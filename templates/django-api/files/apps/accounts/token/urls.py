from django.urls import path

from apps.accounts.token.views import LoginView, TokenView

urlpatterns = [
    path("", TokenView.as_view(), name="token"),
    path("login/", LoginView.as_view(), name="token-login"),
]
