"""What modules, clients and scripts share; knows no module."""
