"""The operator as a test sees it: what came, what was expected, a verdict, a clean state, misfortune by a word."""
