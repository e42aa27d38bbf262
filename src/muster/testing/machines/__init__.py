"""State machines that drive whole stores through the life of bookings.

``lockstep`` sends the same commands to several stores and holds them to one answer, one
state and the ten properties of the law. ``concurrent`` sends commands to one store at the
same time and looks for a serial order that gives the same. Both are hypothesis state
machines, generic over stores: whoever writes an adapter subclasses one, says how its stores
are opened, and runs it.
"""
