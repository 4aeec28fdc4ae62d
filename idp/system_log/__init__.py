"""The System Log: what happens in the org, as Okta records it, and who did it."""
