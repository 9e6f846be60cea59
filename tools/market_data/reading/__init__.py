"""A person's own files: what their columns, numbers and times mean, decided by the whole file.

What is written in another way than ours is told and read where there is one meaning only, and
refused, naming the row and what to do, where there are two.
"""
