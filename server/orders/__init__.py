"""Orders: placing, editing, ending and taking them, and the lane that alone writes them."""
