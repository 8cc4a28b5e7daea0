"""What each kind of channel is sent of a message: a signed webhook, a chat's card, an incident, a mail."""
