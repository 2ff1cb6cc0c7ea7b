# Raises numbers to powers that fit nowhere. Ends: status 102
9**9**9
