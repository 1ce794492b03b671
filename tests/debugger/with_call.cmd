# replay good --with elsewhere.gcx 1
step
reverse-step
reverse-step
step
print account
continue
