"""Tests of what is proposed for AWS accounts and Amazon Connect."""
