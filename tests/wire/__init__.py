"""What leaves the machine: real commands in a network namespace of their own, and its wire."""
