

class OwnOAuth2Scheme(DjangoOAuthToolkitScheme):  # type: ignore[no-untyped-call]
    target_class = "apps.accounts.oauth2.authentication.OAuth2Authentication"

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, list[str]]:
        scope = "read" if auto_schema.method in SAFE_METHODS else "write"
        return {self.name: [scope]}
