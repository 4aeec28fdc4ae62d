"""Restores the keys of the AWS CLI's text output."""
