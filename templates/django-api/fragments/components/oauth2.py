"oauth2",
