"""The doctor, against broken and healthy deployments that are served over real sockets."""
