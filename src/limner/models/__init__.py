"""The catalogue of networks, the store that fetches them, and a module per family."""
