# --test sold
dprintf doubled, n is {n}, account {account}, {nothing here}
dprintf 7
break doubled if n > 5
ignore 2 1
ignore 2
info breakpoints
continue
info breakpoints
source told.txt
source nothing.txt
record /dev/null
print 1
record
continue
