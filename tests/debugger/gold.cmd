# --test sold
break 29
continue
set customer.name = "a name that is longer than seven bytes: {total}"
set customer.points = customer.points * 2
set customer.points = "two"
set customer.nothing = 1
set customer.name.count = 1
set attached.account = "0815"
set priority = 10
set ani = "+33145550199"
set now = now
set from = "somebody"
set who.name = 1
print customer
print priority + 1
print ani
info set
next
reverse-next
print customer
unset customer.points
print customer
unset customer.points
continue
info data
reverse-continue
unset
info set
print customer
set customer = Customer(name: "Dupont", points: 7)
print customer.points
continue
print customer
unset
print customer
