"""What follows a change of an entry's classification: copies of its data are removed and that is proven, or it is published.

The door stores the stricter state and asks for the rest in one transaction (``asking``); ``working`` carries it out, at once,
in a background job or by the upkeep, one worker at a time and from where the last one ended.
"""
