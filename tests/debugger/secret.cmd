# secret.gcx --test keyed
break 6
tbreak 17
dprintf 16, {copy} {code} {plain}
watch copy
continue
info locals
print digits
print tail
delete 1
continue
info locals
info data
print copy
print copy == "4711"
print customer
print customer.pin
set copy = "1"
set other = copy
when copy
when code
when plain
delete
continue
quit
