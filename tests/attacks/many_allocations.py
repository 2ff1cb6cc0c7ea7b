# Fills memory with small objects and frees none. Ends: status 104
kept = []
while True:
    kept.append([len(kept)] * 10)
