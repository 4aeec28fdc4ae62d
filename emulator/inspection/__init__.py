"""The inspector: a login or a message judged check by check, compared with another, made fit for others to see."""
