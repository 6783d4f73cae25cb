"""One module per subcommand of `autograder`; each holds a click command called `command`."""
