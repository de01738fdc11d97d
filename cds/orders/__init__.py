"""Reading draft orders: what exactly would be given, how, how fast, how often, and why."""
