"""What the app asks, compiled for SQL Server: by its backend, without a server or a driver."""
