"example",
