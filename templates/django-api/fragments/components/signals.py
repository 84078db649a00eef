"signals",
