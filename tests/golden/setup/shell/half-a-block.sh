export A=1
# >>> memory-sync >>>
