"""The answers to the predicates of the knowledge, and the rules that hold by them."""
