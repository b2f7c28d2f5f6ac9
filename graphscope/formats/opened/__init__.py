"""What is in a file of TensorFlow, told without importing it: so no file is refused for an
operation that nothing here runs, and a large one takes the time of reading it.

`finding` recognizes what a path is and reads it, `facts` has the answers, and the other files make
them of a graph's nodes. Nothing that a file says is ever run, and no path in it is followed out of
its folder.
"""
