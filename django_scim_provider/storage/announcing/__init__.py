"""Announcing changes: messages for webhooks, in the transaction of what they tell."""
