"""The mock service provider: AWS sign-in, STS, the console and Amazon Connect."""
