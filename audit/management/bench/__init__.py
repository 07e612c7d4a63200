"""Made-up events in any number, and what it costs to find some of them."""
