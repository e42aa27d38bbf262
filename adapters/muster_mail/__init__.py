"""Notices by mail: into a directory, or to a mail server by SMTP."""
