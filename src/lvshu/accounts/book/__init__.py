"""What a run makes: the steps of the wing and what they share."""
