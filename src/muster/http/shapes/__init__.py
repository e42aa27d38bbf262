"""The Structs that clients see: camelCase, strict on the way in."""
