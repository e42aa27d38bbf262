"""Certificates as documents: PDF with a QR code, rendered in the background."""
