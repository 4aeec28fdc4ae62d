"""Custom pages that embed the CCP: read from their files, and checked against the instance that they embed."""
