"""One file per subcommand; each offers a frozen dataclass whose `run` returns the exit code."""
