# Turns millions of digits into a number. Ends: raises ValueError
int("9" * 10_000_000)
