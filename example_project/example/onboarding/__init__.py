"""What ``manage.py demo`` needs beside the simulator: a server, and checks of two tenants."""
