"analytics",
