"rest",
