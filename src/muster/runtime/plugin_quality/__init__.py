"""What ``muster plugin check`` looks at, and what it finds."""
