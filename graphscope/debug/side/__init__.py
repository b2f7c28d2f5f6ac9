"""Computed on the side: of what is made and run here, the graph, the session and the history of
the run see nothing.

runs: plans that are run beside the run. aside: a copy of the graph, in which something can be made.
gradients: those that nobody has asked for in the graph itself.
"""
