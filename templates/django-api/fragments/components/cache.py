"cache",
