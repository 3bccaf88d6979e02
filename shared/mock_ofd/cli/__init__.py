"""The command line. Each command is a module with ``main(arguments) -> exit code``, imported when it is called."""
