"beat",
