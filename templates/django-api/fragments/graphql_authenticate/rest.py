try:
    user = authenticate_header(request)
except APIException as error:
    raise InvalidCredentialsError(
        "The credentials are not valid.",
        str(error.get_codes()),
        HTTPStatus(error.status_code),
    ) from None
if user is not None:
    return user
