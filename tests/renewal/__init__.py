"""Programs that renew data which the packages carry."""
