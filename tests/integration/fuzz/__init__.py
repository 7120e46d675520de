"""A run of generated calls over the whole API: whatever is sent, the portal answers, and never with an error of its own."""
