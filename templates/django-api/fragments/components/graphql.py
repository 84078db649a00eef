"graphql",
