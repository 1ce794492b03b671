# --test sold
break greet
break step select
continue
up
info locals
down
print name
print name.count * 2
step
backtrace
finish
next
info locals
print total > 5 and doubled(total) == 22
print [total, 2]
print Customer(name: account, points: 3)
print code
print code.count
next
next
print customer
print customer?.name else "nobody"
print customer.points * 2
print customer.nothing
info data
continue
continue
info interactions
print who
info agents
info queues
list
list 4
continue
next
info block
timeline 2
quit
