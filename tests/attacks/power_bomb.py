# Raises numbers to powers that do not fit into memory. Ends: status 102
9**9**9
