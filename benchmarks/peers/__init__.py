"""What is measured beside codesearch. Each module runs alone, with the Python of the peers' own virtual environment."""
