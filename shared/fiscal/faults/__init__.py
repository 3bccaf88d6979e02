"""What goes wrong on purpose, as values: plans of faults, and what each fault does to bytes and to answers.

The rule: a plan decides, it never acts. It is told the point, the register, the command and the time, and answers with
effects; the shell (a gateway, a link of the simulation, a list in a test) carries them out. The same plan, seed and
sequence of situations give the same effects, to the byte, wherever it runs.
"""
