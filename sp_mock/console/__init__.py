"""The AWS console, as a browser with a console session meets it."""
