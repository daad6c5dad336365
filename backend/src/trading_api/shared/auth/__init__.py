"""Who may call: tokens, the scopes that operations need, and what the specs say about both."""
