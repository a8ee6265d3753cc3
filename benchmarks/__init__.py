"""What a message, a connection and a virtual user cost, beside the floor."""
