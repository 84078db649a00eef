"""What the program's exit codes mean; the README lists them too."""

OK = 0
FAILED = 1
USAGE = 2  # argparse's own, for a wrong command line
INTERRUPTED = 130  # 128 + SIGINT
BROKEN_PIPE = 141  # 128 + SIGPIPE, what a shell reports for any other program
