# --test sold
set score = 1
break 27
break 30
continue
set score = 100
set total = 3
set total = "three"
set customer = Customer(name: "x", points: 1)
set account = "a text that is longer than seven bytes"
set code = "43"
set nothing = 1
set total == 1
set position = 2
print account
print total 
next
print total 
continue
info data
reverse-continue
print score
reverse-step
print score
print account
continue
print account
set account = none
delete
continue
info data
export-test
quit
