"openapi",
