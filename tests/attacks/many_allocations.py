# Fills memory with small objects and never lets go. Ends: status 104
kept = []
while True:
    kept.append([len(kept)] * 10)
