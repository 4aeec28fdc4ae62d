"""The inspector: a login or a message judged check by check, compared with another, or redacted for others."""
