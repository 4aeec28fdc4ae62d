"""The steps of a scenario made: logins, pages, calls, changes in Okta, and what is looked for in logs."""
