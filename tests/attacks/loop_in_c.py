# Never returns from one call into C. Ends: status 102
sum(range(10**15))
