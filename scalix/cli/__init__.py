"""The command line. Heavy modules are imported by the command that needs them, so that `scalix version` is quick."""
