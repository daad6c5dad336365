"""Helpers of the tests: real processes, and a little more."""
