"""Code that modules, clients and scripts share. Nothing here imports a module."""
