"""The HTTP side of GraphQL."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from strawberry.django.views import GraphQLView as BaseGraphQLView

from apps.core.errors import error_response
from apps.graphql.authentication import InvalidCredentialsError, user_of


class CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return error_response(HTTPStatus.FORBIDDEN, "csrf_failed", f"CSRF failed: {reason}")


# Programs send a token in a header, which no foreign page can make a browser do; whoever comes with
# the cookie of a session is checked below.
@method_decorator(csrf_exempt, name="dispatch")
class GraphQLView(BaseGraphQLView):
    """Takes POST only: a query in an address would end up in logs and caches."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST":
            message = "Send the query by POST."
            response = error_response(HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed", message)
            response["Allow"] = "POST"
            return response
        try:
            user = user_of(request)
        except InvalidCredentialsError as error:
            response = error_response(error.status, error.code, str(error))
            if error.challenge:
                response["WWW-Authenticate"] = error.challenge
            return response
        if user is not None:
            request.user = user
        elif request.user.is_authenticated:
            check = CsrfCheck(lambda request: HttpResponse())
            check.process_request(request)
            # The view is exempt for the others: only without a view is it checked here.
            refusal = check.process_view(request, _checked, (), {})
            if refusal is not None:
                return refusal
        return super().dispatch(request, *args, **kwargs)


def _checked(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
