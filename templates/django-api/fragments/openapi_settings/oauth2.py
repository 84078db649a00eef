"OAUTH2_FLOWS": ["authorizationCode", "clientCredentials"],
"OAUTH2_AUTHORIZATION_URL": "/oauth2/authorize/",
"OAUTH2_TOKEN_URL": "/oauth2/token/",  # nosec B105
