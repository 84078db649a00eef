from apps.core.api.authentication import authenticate_header
