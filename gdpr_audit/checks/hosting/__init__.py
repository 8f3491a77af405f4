"""Who hosts: as declared and listed, and as the network shows."""
