"""The trainer directory over HTTP: asks the trainer service, checks what it says, remembers it."""
