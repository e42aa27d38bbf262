"""The controllers: decode, command, answer."""
