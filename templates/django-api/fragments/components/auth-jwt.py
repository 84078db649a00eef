"auth-jwt",
