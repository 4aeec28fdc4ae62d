"""What a scenario's file may say: steps and expectations, names in braces, rows of a table, defaults of a folder."""
