from typing import Any
from urllib.parse import urlsplit

from csp.constants import SELF
from django.http import HttpRequest, HttpResponseBase
from oauth2_provider.views import AuthorizationView as BaseAuthorizationView


class AuthorizationView(BaseAuthorizationView):
    """Asks the user whether a program may act for them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        # The answer to the form sends the browser to the program, which the policy of the page
        # has to allow; only to this one, whose address was checked against its registration.
        target = urlsplit(self.oauth2_data.get("redirect_uri") or "")
        if target.netloc:
            origin = f"{target.scheme}://{target.netloc}"
            response._csp_update = {"form-action": [SELF, origin]}  # type: ignore[attr-defined]
        return response
