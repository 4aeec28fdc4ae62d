"""Tests of the workbench's pages and of what they show."""
