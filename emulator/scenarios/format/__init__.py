"""The format of scenario files: steps and expectations, names in braces, rows of a table, defaults of a folder."""
