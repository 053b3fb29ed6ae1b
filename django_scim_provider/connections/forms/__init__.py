"""Forms that pages of the admin and of the portal share."""
