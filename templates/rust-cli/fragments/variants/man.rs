/// Print the manual as a man page
Man(commands::man::Args),
