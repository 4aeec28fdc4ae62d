"""The AWS CLI's text output, given its keys back."""
