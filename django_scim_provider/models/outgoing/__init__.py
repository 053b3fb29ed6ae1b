"""What leaves the project: webhooks, the messages that wait for them, and what people were told."""
