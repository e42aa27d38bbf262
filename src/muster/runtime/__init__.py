"""What runs the core: settings, plugin loader, composition root, command line."""
