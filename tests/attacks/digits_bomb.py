# Converts millions of digits to a number. Ends: raises ValueError
int("9" * 10_000_000)
