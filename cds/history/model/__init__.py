"""The facts of a patient's history.

Every fact names the resources it rests on (`source`, as `Type/id`). Unknown is a value: None, or
the word `unknown`, and never the same as "no". All facts are seen from `History.as_of`; nothing
dated later is in them. Intervals are half open: `end` is the first day no longer covered.
"""
