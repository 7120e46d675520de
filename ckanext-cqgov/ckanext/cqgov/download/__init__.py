"""Downloads of data that are not open to everybody: short-lived links bound to their holder, and how the bytes are sent."""
