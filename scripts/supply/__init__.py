"""What this project is made of: verifies the locked packages, and lists them in an SBOM."""
