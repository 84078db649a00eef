"auth-token",
