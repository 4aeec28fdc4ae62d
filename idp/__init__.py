"""The mock identity provider: an Okta org that issues signed SAML assertions."""
