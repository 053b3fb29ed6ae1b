"""What ``/Schemas`` says of attributes of extensions and own types is what happens."""
