"core",
