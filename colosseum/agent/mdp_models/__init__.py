"""What an agent keeps of its experience."""
