"""Tests of worlds that are filled from CloudFormation templates."""
